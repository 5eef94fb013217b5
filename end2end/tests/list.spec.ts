// The client list: filters that combine, the order, the columns, and views that are saved.
import { as, axe, expect, follow, hasJavaScript, test, word, type Client } from '../fixtures.ts';
import { field, toast } from './steps.ts';
import type { Desk } from '../desk.ts';
import type { Page } from '@playwright/test';

const rows = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('rowheader') });
const names = (page: Page) => page.getByRole('rowheader').getByRole('link').allInnerTexts();
const heading = (page: Page, name: string) => page.getByRole('columnheader', { name, exact: true });

/** Clients of one family name, which no other client has. */
async function several(desk: Desk, firsts: string[], fields: Record<string, string>[] = []): Promise<Client[]> {
  const last = word() + word().toLowerCase();
  const clients: Client[] = [];
  for (const [index, first] of firsts.entries()) clients.push(await desk.client({ first, last }, fields[index] ?? {}));
  return clients;
}

/** Chooses in a filter; with JavaScript the list follows at once. */
async function choose(page: Page, label: string, value: string): Promise<void> {
  await page.getByRole('search').getByLabel(label, { exact: true }).selectOption(value);
  if (!hasJavaScript()) await follow(page.getByRole('button', { name: 'Search' }));
}

test('filters combine, show as chips, and go one by one', async ({ page, desk }) => {
  const clients = await several(desk, ['Ada', 'Bo', 'Cy'], [{}, { status: 'prospect' }, {}]);
  const [ada, bo] = clients as [Client, Client];
  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${ada.last}`);
  await expect(rows(page)).toHaveCount(3);
  await choose(page, 'Status', 'prospect');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(bo.name);
  await choose(page, 'Type', 'couple');
  await expect(page.getByRole('heading', { name: 'No clients found' })).toBeVisible();
  const chips = page.getByRole('list', { name: 'Filters chosen' });
  await expect(chips.getByRole('link')).toHaveText([`“${ada.last}”×`, 'Status: Prospect×', 'Type: Couple×', 'Clear']);
  await page.reload();
  await expect(page.getByRole('search').getByLabel('Type', { exact: true })).toHaveValue('couple');
  // Back takes a filter away, forward brings it back.
  await page.goBack();
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByRole('search').getByLabel('Type', { exact: true })).toHaveValue('');
  await page.goBack();
  await expect(rows(page)).toHaveCount(3);
  await page.goForward();
  await expect(rows(page)).toHaveCount(1);
  await page.goForward();
  await expect(page.getByRole('search').getByLabel('Type', { exact: true })).toHaveValue('couple');
  await follow(chips.getByRole('link', { name: 'Type: Couple' }));
  await expect(rows(page)).toHaveCount(1);
  await follow(chips.getByRole('link', { name: 'Status: Prospect' }));
  await expect(rows(page)).toHaveCount(3);
  await axe(page);
  await follow(chips.getByRole('link', { name: 'Clear' }));
  await expect(page.getByRole('searchbox')).toHaveValue('');
});

test('a heading sorts up, then down', async ({ page, desk }) => {
  // On a phone rows are cards, without headings to press.
  await page.setViewportSize({ width: 1280, height: 800 });
  const [ada] = await several(desk, ['Cy', 'Ada', 'Bo']);
  await as(page, 'staff@demo.test');
  await page.goto('/clients?sort=-number');
  await expect(heading(page, 'No.')).toHaveAttribute('aria-sort', 'descending');
  await page.goto(`/clients?q=${ada!.last}&sort=name`);
  await expect(heading(page, 'Name')).toHaveAttribute('aria-sort', 'ascending');
  await follow(heading(page, 'Name').getByRole('link'));
  await expect(heading(page, 'Name')).toHaveAttribute('aria-sort', 'descending');
  await expect(page).toHaveURL(/sort=-name/);
  await expect(page.getByRole('searchbox')).toHaveValue(ada!.last);
});

test('columns are chosen, and stay while one searches on', async ({ page, desk }) => {
  const [ada] = await several(desk, ['Ada'], [{ birth_date: '2001-02-03' }]);
  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${ada!.last}`);
  await page.locator('summary', { hasText: 'Columns' }).click();
  const menu = page.getByRole('group', { name: 'Columns to show' });
  await menu.getByLabel('Date of birth').check();
  await menu.getByLabel('Preferred language', { exact: true }).check();
  await menu.getByLabel('Email', { exact: true }).uncheck();
  await expect(menu.getByLabel('Additional information')).toHaveCount(0);
  await follow(page.getByRole('button', { name: 'Apply' }));
  await expect(rows(page)).toContainText('3 Feb 2001');
  await expect(rows(page)).toContainText('English');
  await expect(rows(page)).not.toContainText(ada!.email);
  await choose(page, 'Status', 'active');
  await expect(page).toHaveURL(/status=active/);
  await expect(rows(page)).toContainText('3 Feb 2001');
  await page.locator('summary', { hasText: 'Columns' }).click();
  await expect(menu.getByLabel('Preferred language', { exact: true })).toBeChecked();
  if (hasJavaScript()) {
    // What is ticked stays while the results are renewed, and is shown for these.
    await menu.getByLabel('Pronouns').check();
    await choose(page, 'Type', 'individual');
    await expect(page).toHaveURL(/kind=individual/);
    await page.locator('summary', { hasText: 'Columns' }).click();
    await expect(menu.getByLabel('Pronouns')).toBeChecked();
    await follow(page.getByRole('button', { name: 'Apply' }));
    await expect(page).toHaveURL(/kind=individual/);
    await expect(heading(page, 'Pronouns')).toBeVisible();
    await page.locator('summary', { hasText: 'Columns' }).click();
  }
  await follow(page.getByRole('link', { name: 'Reset to default' }));
  await expect(rows(page)).toContainText(ada!.email);
});

test('a view is saved, opened, changed, made the first, and deleted', async ({ page, desk }) => {
  const [ada] = await several(desk, ['Ada', 'Bo']);
  const name = `View ${word()}`;
  await as(page, 'staff@demo.test');
  await page.goto(`/clients/mine?q=${ada!.last}&status=active`);
  await page.locator('summary', { hasText: 'Save view' }).click();
  await page.getByLabel('Name of this view').fill('   ');
  expect(await follow(page.getByRole('button', { name: 'Save', exact: true }))).toBe(422);
  await expect(page.getByLabel('Name of this view')).toBeVisible();
  await page.getByLabel('Name of this view').fill(name);
  await expect(page.getByLabel('Share with all staff')).toHaveCount(0);
  expect(await follow(page.getByRole('button', { name: 'Save', exact: true }))).toBe(200);
  await toast(page, 'View saved.');
  const tab = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name });
  await expect(tab).toHaveAttribute('aria-current', 'page');
  await expect(page).toHaveURL(new RegExp(`q=${ada!.last}&status=active&view=`));
  await axe(page);

  await page.goto('/clients/mine');
  await follow(tab);
  await expect(page.getByRole('searchbox')).toHaveValue(ada!.last);
  await choose(page, 'Status', 'inactive');
  await expect(page).toHaveURL(/status=inactive/);
  await page.reload();
  await page.locator('summary', { hasText: /^View$/ }).click();
  await follow(page.getByRole('button', { name: 'Update view' }));
  await expect(page).toHaveURL(/status=inactive&view=/);

  await page.locator('summary', { hasText: /^View$/ }).click();
  await follow(page.getByRole('button', { name: 'Make default' }));
  await page.goto('/clients/mine');
  await expect(page).toHaveURL(/status=inactive&view=/);
  await expect(tab).toHaveAttribute('aria-current', 'page');
  await follow(page.getByRole('link', { name: 'Everyone', exact: true }));
  await expect(page.getByRole('searchbox')).toHaveValue('');
  await follow(tab);
  await page.locator('summary', { hasText: /^View$/ }).click();
  await follow(page.getByRole('button', { name: `Delete the view ${name}` }));
  await toast(page, 'View deleted.');
  await expect(tab).toHaveCount(0);
  await page.goto('/clients/mine');
  await expect(page).toHaveURL(/\/clients\/mine$/);
});

test('an administrator shares a view with everyone', async ({ page, open }) => {
  const name = `Shared ${word()}`;
  await as(page, 'admin@demo.test');
  await page.goto('/clients?status=prospect');
  await page.locator('summary', { hasText: 'Save view' }).click();
  await page.getByLabel('Name of this view').fill(name);
  await page.getByLabel('Share with all staff').check();
  await follow(page.getByRole('button', { name: 'Save', exact: true }));
  const other = await open('staff@demo.test');
  await other.goto('/clients');
  await follow(other.getByRole('link', { name }));
  await expect(other).toHaveURL(/status=prospect/);
  await other.locator('summary', { hasText: /^View$/ }).click();
  await expect(other.getByRole('button', { name: /^Delete the view/ })).toHaveCount(0);
  await page.locator('summary', { hasText: /^View$/ }).click();
  await follow(page.getByRole('button', { name: `Delete the view ${name}` }));
  await other.goto('/clients');
  await expect(other.getByRole('link', { name })).toHaveCount(0);
});

test('rows are visited and selected by keys @js', async ({ page, desk }) => {
  const [ada] = await several(desk, ['Ada', 'Bo', 'Cy']);
  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${ada!.last}&sort=name`);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.keyboard.press('k');
  await page.keyboard.press('x');
  await expect(page.getByText('1 selected')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('#selection')).toBeHidden();
  expect(await names(page)).toHaveLength(3);
});

test('the keyboard leads to the search, through the rows, and to a client @js', async ({ page, desk }) => {
  const [ada, bo, cy] = (await several(desk, ['Ada', 'Bo', 'Cy'])) as [Client, Client, Client];
  const search = page.getByRole('searchbox', { name: 'Search' });
  const link = (client: Client) => page.getByRole('rowheader').getByRole('link', { name: client.name });
  await as(page, 'staff@demo.test');
  await page.goto('/clients?sort=name');
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await expect(search).toHaveValue('');
  await page.keyboard.type(ada.last);
  await expect(rows(page)).toHaveCount(3);
  await expect(search).toBeFocused();
  for (const client of [ada, bo, cy]) {
    await page.keyboard.press('ArrowDown');
    await expect(link(client)).toBeFocused();
  }
  // There is nothing beneath the last.
  await page.keyboard.press('ArrowDown');
  await expect(link(cy)).toBeFocused();
  for (const client of [bo, ada]) {
    await page.keyboard.press('ArrowUp');
    await expect(link(client)).toBeFocused();
  }
  await page.keyboard.press('ArrowUp');
  await expect(search).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await expect(search).toHaveValue(ada.last);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(bo.url);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(bo.name);
});

test('practitioner and location narrow the list', async ({ page, desk, open }) => {
  const place = `Annex ${word()}`;
  const priya = await desk.practitionerId('Dr. Priya Raman');
  const admin = await open('admin@demo.test');
  const entry = admin.locator('.arranged > li').filter({ hasText: place });
  await admin.goto('/settings/locations');
  await field(admin, 'Name').fill(place);
  expect(await follow(admin.getByRole('button', { name: 'Save' }))).toBe(200);
  const location = (await entry.getAttribute('id'))!.replace('item-', '');
  const assigned = { 'practitioners[]': priya };
  const [ada, bo, cy] = (await several(desk, ['Ada', 'Bo', 'Cy', 'Di'], [{ ...assigned, location }, assigned, { location }])) as [Client, Client, Client];

  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${ada.last}&sort=name`);
  await expect(rows(page)).toHaveCount(4);
  await choose(page, 'Practitioner', 'Dr. Priya Raman');
  await expect(rows(page)).toHaveCount(2);
  expect(await names(page)).toEqual([ada.name, bo.name]);
  await choose(page, 'Location of treatment', place);
  await expect(rows(page)).toHaveCount(1);
  expect(await names(page)).toEqual([ada.name]);
  const chips = page.getByRole('list', { name: 'Filters chosen' });
  await expect(chips.getByRole('link')).toHaveText([`“${ada.last}”×`, 'Practitioner: Dr. Priya Raman×', `Location of treatment: ${place}×`, 'Clear']);
  await axe(page);
  await follow(chips.getByRole('link', { name: 'Practitioner: Dr. Priya Raman' }));
  await expect(rows(page)).toHaveCount(2);
  expect(await names(page)).toEqual([ada.name, cy.name]);
  await page.reload();
  await expect(page.getByRole('search').getByLabel('Location of treatment', { exact: true })).toHaveValue(location);

  // Among their own a practitioner is offered no other.
  const own = await open('practitioner@demo.test');
  await own.goto(`/clients/mine?q=${ada.last}&sort=name`);
  await expect(rows(own)).toHaveCount(2);
  await expect(own.getByRole('search').getByLabel('Practitioner', { exact: true })).toHaveCount(0);
  await choose(own, 'Location of treatment', place);
  await expect(rows(own)).toHaveCount(1);
  expect(await names(own)).toEqual([ada.name]);

  const option = page.getByRole('search').locator('option', { hasText: place });
  await expect(option).toHaveCount(1);
  await follow(entry.getByRole('button', { name: 'Archive' }));
  await expect(entry.getByRole('button', { name: 'Restore' })).toBeVisible();
  await page.goto(`/clients?q=${ada.last}`);
  await expect(option).toHaveCount(0);
});

test('a long email address does not widen the page @js', async ({ page, desk }) => {
  const last = `${word()}${word()}${word()}${word()}`;
  const client = await desk.client({ last });
  await desk.book(client);
  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${client.last}`);
  await expect(page.getByRole('cell', { name: client.email })).toBeVisible();
  expect(await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test('the list fits a telephone', async ({ page, desk }) => {
  const [ada] = await several(desk, ['Ada', 'Bo']);
  await page.setViewportSize({ width: 390, height: 800 });
  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${ada!.last}`);
  await rows(page).first().getByRole('checkbox').check();
  await expect(page.locator('summary', { hasText: 'Tags' })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await axe(page);
});
