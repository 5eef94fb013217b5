// On the pages that make a passkey or log in with one: asks the browser, and sends its answer with the form.
(() => {
  const form = document.querySelector('form[data-passkey]');
  if (!form) return;
  const failed = form.querySelector('[data-failed]');
  const makes = form.dataset.passkey === 'create';
  // Beside a password; else the form is about the passkey alone.
  const button = form.querySelector('button[data-ask]');
  const show = (what) => {
    failed.hidden = !what;
    if (what) form.hidden = false;
  };
  if (!window.PublicKeyCredential) {
    if (makes) {
      failed.textContent = 'This browser has no passkeys here. Use an authenticator app.';
      show(true);
    }
    return;
  }
  (button ?? form).hidden = false;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

  // What the server asks, with bytes in place of base64url.
  const question = async (signal) => {
    const answer = await fetch(form.dataset.begin, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: form.dataset.second ? 'second=true' : '',
      signal,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { ceremony, publicKey } = JSON.parse(await answer.json());
    publicKey.challenge = bytes(publicKey.challenge);
    if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
    for (const one of [...(publicKey.allowCredentials ?? []), ...(publicKey.excludeCredentials ?? [])]) one.id = bytes(one.id);
    return { ceremony, publicKey };
  };

  let waiting;
  const ask = async (mediation) => {
    waiting?.abort();
    const mine = (waiting = new AbortController());
    const { signal } = mine;
    try {
      const { ceremony, publicKey } = await question(signal);
      const options = { publicKey, signal, ...(mediation && { mediation }) };
      const made = makes ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
      const response = {};
      for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
        if (made.response[name]) response[name] = text(made.response[name]);
      }
      const credential = { id: made.id, rawId: text(made.rawId), type: made.type, response };
      form.querySelector('[data-ceremony]').value = ceremony;
      form.querySelector('[data-credential]').value = JSON.stringify(credential);
      form.submit();
    } catch {
      // Another question took its place; or no one chose a passkey from the list.
      if (waiting !== mine || mediation) return;
      show(true);
      listen();
    }
  };

  // A list of passkeys stands beside the field of the name; what is asked lives five minutes.
  const listen = async () => {
    if (form.dataset.passkey !== 'get' || form.dataset.second) return;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    ask('conditional');
    const mine = waiting;
    setTimeout(() => {
      if (waiting === mine) listen();
    }, 240_000);
  };

  // A page that waits is not kept for Back.
  addEventListener('pagehide', () => waiting?.abort());
  addEventListener('pageshow', (event) => event.persisted && listen());
  const start = (event) => {
    event.preventDefault();
    show(false);
    ask();
  };
  if (button) button.addEventListener('click', start);
  else form.addEventListener('submit', start);
  listen();
})();
