// The create window: from wherever someone new is met, and what was typed is not lost.
import { as, axe, expect, follow, hasJavaScript, login, test, word } from '../fixtures.ts';
import { field, fillClient, openForm, quickAdd, refused, person, toast } from './steps.ts';

test.beforeEach(async ({ page }) => {
  await as(page, 'staff@demo.test');
});

test('a client is created by quick add, on any page', async ({ page }) => {
  const client = person(word(), word());
  await page.goto('/calendar');
  const form = await quickAdd(page);
  await fillClient(form, client);
  await axe(page);
  expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
  await toast(page, 'Client created.');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(client.name);
});

test('a family is made in the same window', async ({ page }) => {
  const family = word();
  await page.goto('/clients');
  const form = await openForm(page.getByRole('link', { name: 'New client' }));
  const card = form.getByRole('link', { name: /^Family/ });
  if (hasJavaScript()) await card.click();
  else await follow(card);
  await field(form, 'Name').fill(`The ${family}s`);
  await expect(form.getByRole('button', { name: 'Create family' })).toBeVisible();
  await axe(page);
  expect(await follow(form.getByRole('button', { name: 'Create family' }))).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`The ${family}s`);
});

test('an existing client is found and selected, and the selection survives a reload', async ({ page, desk }) => {
  const client = await desk.client();
  const couple = async () => {
    await page.goto('/clients');
    const form = await openForm(page.getByRole('link', { name: 'New client' }));
    const card = form.getByRole('link', { name: /^Couple/ });
    if (hasJavaScript()) await card.click();
    else await follow(card);
    await expect(form.getByRole('button', { name: 'Create couple' })).toBeVisible();
    return form;
  };
  let form = await couple();
  await form.getByLabel('Find a client to add').fill(client.last);
  const found = form.getByRole('checkbox', { name: new RegExp(client.name) });
  if (hasJavaScript()) {
    await form.getByRole('option', { name: new RegExp(client.name) }).click();
  } else {
    await follow(form.getByRole('button', { name: 'Find', exact: true }));
    await expect(found).toBeFocused();
    await found.check();
  }
  await expect(found).toBeChecked();
  await axe(page);
  if (hasJavaScript()) {
    form = await couple();
    await expect(form.getByRole('checkbox', { name: new RegExp(client.name) })).toBeChecked();
  }
  expect(await follow(form.getByRole('button', { name: 'Create couple' }))).toBe(200);
  await toast(page, 'Created.');
  await expect(page.getByRole('main')).toContainText(client.name);
});

test.describe('when it cannot be saved', () => {
  test.use({ expectedErrors: [/ERR_INTERNET_DISCONNECTED/] });

  test('without a connection or a log-in the window says so, and nothing is lost @js', async ({ page, context }) => {
    const client = person(word(), word());
    await context.clearCookies();
    await login(page, 'staff@demo.test');
    await page.goto('/clients');
    const form = await openForm(page.getByRole('link', { name: 'New client' }));
    await fillClient(form, client);
    await context.setOffline(true);
    await form.getByRole('button', { name: 'Create client' }).click();
    await expect(form.getByRole('alert')).toContainText('Connection lost.');
    await context.setOffline(false);
    const cookies = await context.cookies();
    await context.clearCookies();
    await form.getByRole('button', { name: 'Create client' }).click();
    await expect(form.getByRole('alert')).toContainText('You are logged out.');
    await axe(page);
    await context.addCookies(cookies);
    expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(client.name);
  });
});

test('a client of the same name and address is named while one types, and a code is suggested @js', async ({ page, desk }) => {
  const parent = await desk.client();
  await page.goto('/clients');
  const form = await openForm(page.getByRole('link', { name: 'New client' }));
  // An address alone names no one: families share them.
  await form.getByLabel('First name').fill('Émile');
  await form.getByLabel('Email', { exact: true }).fill(parent.email);
  await expect(form.getByLabel(/^Client code/)).toHaveAttribute('placeholder', /^E\d+$/);
  await expect(form.getByRole('link', { name: `Open ${parent.name}` })).toHaveCount(0);
  await form.getByLabel('First name').fill(parent.first);
  await form.getByLabel('Last name').fill(parent.last);
  await expect(form.getByRole('link', { name: `Open ${parent.name}` })).toBeVisible();
});

test('without JavaScript possible matches are shown before a client is created @no-js', async ({ page, desk }) => {
  const [there, other] = [await desk.client(), await desk.client()];
  await page.goto(`/clients/new?next=/clients/${other.number}/links/new`);
  const form = page.getByRole('main');
  await fillClient(form, there);
  const create = form.getByRole('button', { name: 'Create client' });
  await follow(create);
  const told = form.getByRole('alert');
  await expect(told).toContainText('Not saved yet');
  await expect(told.getByRole('link', { name: `Open ${there.name}` })).toBeVisible();
  await expect(form.getByLabel('First name')).toHaveValue(there.first);
  await axe(page);
  // It is a relative; what is wrong is told, and who was named is not named again.
  await form.getByLabel('Email', { exact: true }).fill('nowhere');
  expect(await refused(create)).toBe(422);
  await form.getByLabel('Email', { exact: true }).fill(there.email);
  await follow(create);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Set up relationship');
  // Or it is that very person, and they are chosen.
  await page.goto(`/clients/new?next=/clients/${other.number}/links/new`);
  await fillClient(form, there);
  await follow(create);
  await follow(told.getByRole('link', { name: `Use this client: ${there.name}` }).first());
  await expect(page).toHaveURL(new RegExp(`/clients/${other.number}/links/new`));
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Set up relationship');
});

test('a refused form keeps what was typed', async ({ page }) => {
  const [first, last] = [word(), word()];
  await page.goto('/clients');
  const form = await openForm(page.getByRole('link', { name: 'New client' }));
  await fillClient(form, { first, last, email: 'nowhere' });
  expect(await refused(form.getByRole('button', { name: 'Create client' }))).toBe(422);
  await expect(form.getByLabel('First name')).toHaveValue(first);
  await expect(form.getByRole('alert')).toContainText(/e-?mail/i);
  await axe(page);
});

test('a draft outlives a reload and leaves with the log-in @js', async ({ page }) => {
  const first = word();
  const open = async () => openForm(page.getByRole('link', { name: 'New client' }));
  // A log-in of its own, for it is ended.
  await page.context().clearCookies();
  await login(page, 'staff@demo.test');
  await page.goto('/clients');
  await (await open()).getByLabel('First name').fill(first);
  // What stood open stands open again.
  await page.reload();
  const form = page.getByRole('dialog');
  await expect(form.getByLabel('First name')).toHaveValue(first);
  await expect(form).toContainText('We restored your unsaved entry.');
  await form.getByRole('link', { name: /^Family/ }).click();
  await expect(form.getByRole('button', { name: 'Create family' })).toBeVisible();
  await page.reload();
  await expect(form.getByRole('button', { name: 'Create family' })).toBeVisible();
  await form.getByRole('link', { name: /^Individual/ }).click();
  await expect(form.getByLabel('First name')).toHaveValue(first);
  await form.getByRole('button', { name: 'Close' }).click();
  await page.reload();
  await expect(page.getByRole('link', { name: 'New client' })).toBeVisible();
  await expect(form).toHaveCount(0);
  await open();
  await expect(form.getByLabel('First name')).toHaveValue(first);
  await form.getByRole('button', { name: 'Start over' }).click();
  await expect(form.getByLabel('First name')).toHaveValue('');
  await form.getByLabel('First name').fill(first);
  await form.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('banner').locator('summary').click();
  await follow(page.getByRole('button', { name: 'Log out' }));
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
});

test('who was made on the page itself leaves no draft behind @js', async ({ page }) => {
  const first = word();
  await page.goto('/clients/new');
  await page.getByLabel('First name').fill(first);
  await page.getByLabel('Send email').uncheck();
  expect(await follow(page.getByRole('button', { name: 'Create client' }))).toBe(200);
  await toast(page, 'Client created.');
  await page.goto('/clients/new');
  await expect(page.getByLabel('First name')).toHaveValue('');
});

test('sections stay open from one client to the next @js', async ({ page }) => {
  await page.goto('/clients');
  let form = await openForm(page.getByRole('link', { name: 'New client' }));
  await form.getByText('Client details', { exact: true }).click();
  await expect(form.getByLabel('Preferred name')).toBeVisible();
  await page.goto('/clients');
  form = await openForm(page.getByRole('link', { name: 'New client' }));
  await expect(form.getByLabel('Preferred name')).toBeVisible();
});

test('a new client is part of the activity right away', async ({ page }) => {
  const client = person(word(), word());
  await page.goto('/activities/new');
  await page.getByLabel('Hours').fill('1:15');
  const form = await openForm(page.getByRole('button', { name: /Add a new/ }));
  await fillClient(form, client);
  const create = form.getByRole('button', { name: 'Create client' });
  await follow(create);
  await expect(page.locator('#f-clients')).toContainText(client.name);
  await expect(page.getByLabel('Hours')).toHaveValue('1:15');
});

test('an existing client is chosen instead, and nothing of the draft stays @js', async ({ page, desk }) => {
  const there = await desk.client();
  await page.goto('/activities/new');
  await page.getByLabel('Hours').fill('1:15');
  const opener = page.getByRole('button', { name: /Add a new/ });
  const form = await openForm(opener);
  await form.getByLabel('First name').fill(there.first);
  await form.getByLabel('Last name').fill(there.last);
  await form.getByLabel('Email', { exact: true }).fill(there.email);
  await form.getByRole('link', { name: `Use this client: ${there.name}` }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.locator('#f-clients')).toContainText(there.name);
  await expect(page.getByLabel('Hours')).toHaveValue('1:15');
  await openForm(opener);
  await expect(form.getByLabel('First name')).toHaveValue('');
  await expect(form.getByLabel('Email', { exact: true })).toHaveValue('');
});

test('pressed twice in a hurry, one client is made, and the focus goes back @js', async ({ page, desk }) => {
  const other = await desk.client();
  const client = person(word(), word());
  await page.goto(`${other.url}/links/new`);
  const opener = page.getByRole('link', { name: /new client/i }).first();
  await opener.focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog');
  await expect(form.getByLabel('First name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  await fillClient(form, client);
  await form.getByRole('button', { name: 'Create client' }).evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Set up relationship');
  await page.goto(`/clients?q=${client.first}`);
  await expect(page.getByRole('link', { name: client.name, exact: true })).toHaveCount(1);
});

test('the keyboard opens it and Escape closes it @js', async ({ page }) => {
  await page.goto('/clients');
  await page.locator('h1').click();
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog').getByLabel('First name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
