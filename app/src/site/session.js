// Runs in the head of every page, before anything is shown: whose page this is.
//
// A page that comes back from the browser's back/forward cache stays hidden until the server has
// said that the same account is still logged in; otherwise it is requested again. Its forms get new
// request keys: what is sent from a page that came back is a request of its own. Other tabs are
// told when the account changes, and request their pages again.
(() => {
  const ACCOUNT = 'account';
  const root = document.documentElement;
  const own = root.dataset.account ?? '';

  // The answer to a refused form has the address of the form's page.
  const canonical = document.querySelector('link[rel=canonical]');
  if (canonical) history.replaceState(history.state, '', canonical.href);

  const hide = () => root.toggleAttribute('data-hidden', true);
  const again = () => {
    hide();
    location.replace(location.href.split('#')[0]);
  };
  const known = () => {
    try {
      return localStorage.getItem(ACCOUNT);
    } catch {
      return own;
    }
  };

  let channel;
  const listen = () => {
    channel = new BroadcastChannel(ACCOUNT);
    channel.onmessage = ({ data }) => {
      // A page without an account that is being filled in stays, such as a registration.
      if (data !== own && (own !== '' || location.pathname === '/login')) again();
    };
  };
  listen();
  const before = known();
  try {
    localStorage.setItem(ACCOUNT, own);
  } catch {
    // Storage is switched off: the server is asked all the same.
  }
  // A session that has merely expired is no log-out: other tabs keep what is being typed.
  const loggedOut = new URLSearchParams(location.search).get('done') === 'logged-out';
  if (loggedOut || (own !== '' && before !== own)) channel.postMessage(own);

  const bytes = (count) => [...crypto.getRandomValues(new Uint8Array(count))];
  // `crypto.randomUUID` exists over HTTPS only.
  const uuid = () => {
    const all = bytes(16);
    all[6] = (all[6] & 0x0f) | 0x40;
    all[8] = (all[8] & 0x3f) | 0x80;
    const hex = all.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };

  const isStillOurs = async () => {
    try {
      const answer = await fetch('/fn/accounts/current', { headers: { accept: 'application/json' }, cache: 'no-store' });
      return answer.ok && (await answer.json()) === own;
    } catch {
      // Without a connection there is nobody to ask; the browser itself knows of no change.
      return true;
    }
  };

  // The quick exit takes the place of this page in the history.
  addEventListener('click', (event) => {
    const exit = event.target instanceof Element && event.target.closest('a[data-exit]');
    if (!exit) return;
    event.preventDefault();
    hide();
    location.replace(exit.href);
  });

  addEventListener('pagehide', () => {
    if (own !== '') hide();
    channel.close();
  });
  addEventListener('pageshow', async (event) => {
    if (!event.persisted) return;
    listen();
    if ((known() ?? '') !== own) return again();
    if (own !== '' && !(await isStillOurs())) return again();
    for (const key of document.querySelectorAll('input[name="request_key"], input[name="form[request_key]"]')) {
      key.value = uuid();
    }
    root.removeAttribute('data-hidden');
  });
})();
