// The create window: from wherever somebody new is met, and what was typed is not lost.
import { as, axe, expect, follow, hasJavaScript, login, test, word } from '../fixtures.ts';
import { field, fillClient, openForm, refused, somebody, toast } from './steps.ts';

test.beforeEach(async ({ page }) => {
  await as(page, 'staff@demo.test');
});

test('somebody is made by quick add, on any page', async ({ page }) => {
  const client = somebody(word(), word());
  await page.goto('/calendar');
  const form = await openForm(page.getByRole('link', { name: 'Quick add' }));
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
  await page.reload();
  let form = await open();
  await expect(form.getByLabel('First name')).toHaveValue(first);
  await form.getByRole('button', { name: 'Begin anew' }).click();
  await expect(form.getByLabel('First name')).toHaveValue('');
  await form.getByLabel('First name').fill(first);
  await form.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('banner').locator('summary').click();
  await follow(page.getByRole('button', { name: 'Log out' }));
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
});

test('sections stay open from one client to the next @js', async ({ page }) => {
  await page.goto('/clients');
  let form = await openForm(page.getByRole('link', { name: 'New client' }));
  await form.getByText('Client details', { exact: true }).click();
  await expect(form.getByLabel('Preferred name')).toBeVisible();
  await page.reload();
  form = await openForm(page.getByRole('link', { name: 'New client' }));
  await expect(form.getByLabel('Preferred name')).toBeVisible();
});

test('a new client is part of the activity at once', async ({ page }) => {
  const client = somebody(word(), word());
  await page.goto('/activities/new');
  await page.getByLabel('Hours').fill('1:15');
  const form = await openForm(page.getByRole('button', { name: /Add a new/ }));
  await fillClient(form, client);
  const create = form.getByRole('button', { name: 'Create client' });
  await follow(create);
  await expect(page.locator('#f-clients')).toContainText(client.name);
  await expect(page.getByLabel('Hours')).toHaveValue('1:15');
});

test('the keyboard opens it and Escape closes it @js', async ({ page }) => {
  await page.goto('/clients');
  await page.locator('h1').click();
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog').getByLabel('First name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
