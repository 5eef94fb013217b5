// Bulk changes of clients: every row is answered, and what can be is undone.
import { as, axe, expect, follow, hasJavaScript, hydrated, test, word, type Client } from '../fixtures.ts';
import type { Desk } from '../desk.ts';
import type { Locator, Page } from '@playwright/test';

const rows = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('rowheader') });
const bar = (page: Page) => page.locator('#selection');
const answer = (page: Page, client: Client) => page.getByRole('row', { name: client.number });

async function several(desk: Desk, count: number): Promise<Client[]> {
  const last = word() + word().toLowerCase();
  const clients: Client[] = [];
  for (let index = 0; index < count; index += 1) clients.push(await desk.client({ last }));
  return clients;
}

async function list(page: Page, client: Client): Promise<void> {
  await page.goto(`/clients?q=${client.last}&sort=number`);
}

async function tick(page: Page, ...clients: Client[]): Promise<void> {
  for (const client of clients) await page.getByRole('checkbox', { name: `Select ${client.name}` }).check();
}

/** Opens one of the bar's menus. */
async function menu(page: Page, name: string): Promise<Locator> {
  const details = bar(page).locator('details').filter({ has: page.locator('summary', { hasText: name }) });
  await details.locator('summary').click();
  return details;
}

/** Waits for the last row's answer; without JavaScript by looking again. */
async function finished(page: Page): Promise<void> {
  await expect(async () => {
    if (await page.getByRole('progressbar').isVisible()) {
      if (!hasJavaScript()) await page.reload();
      throw new Error('still under way');
    }
  }).toPass({ timeout: 20_000, intervals: [300] });
  await expect(page.locator('.notice').first()).toBeVisible();
  await hydrated(page);
}

test('going back before it begins keeps the selection @js', async ({ page, desk }) => {
  const [one, two] = (await several(desk, 2)) as [Client, Client];
  await as(page, 'staff@demo.test');
  await list(page, one);
  await tick(page, one, two);
  await follow((await menu(page, 'More')).getByRole('button', { name: 'Delete…' }));
  await expect(page.getByRole('button', { name: 'Delete these clients' })).toBeVisible();
  await hydrated(page);
  await follow(page.getByRole('link', { name: 'Cancel' }));
  await expect(bar(page)).toContainText('2 selected');
});

test('a status is changed for the selection, and restored except where it was changed since', async ({ page, desk }) => {
  const clients = await several(desk, 3);
  const [one, two, three] = clients as [Client, Client, Client];
  await desk.setStatus(two, 'inactive');
  await as(page, 'staff@demo.test');
  await list(page, one);
  await expect(bar(page)).toBeHidden();
  await tick(page, one, two, three);
  await axe(page);
  await follow((await menu(page, 'Status')).getByRole('button', { name: 'Make inactive' }));
  await finished(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Make 3 clients inactive');
  await expect(answer(page, one)).toContainText('Done');
  await expect(answer(page, two)).toContainText('Nothing to do');
  await expect(page.getByText('2 done, 1 had nothing to do.')).toBeVisible();
  await axe(page);

  await desk.setStatus(three, 'prospect');
  await follow(page.getByRole('button', { name: 'Undo' }));
  await finished(page);
  await expect(answer(page, one)).toContainText('Put back');
  await expect(answer(page, three)).toContainText('Changed since; left as it is.');
  await follow(page.getByRole('link', { name: 'Back to the list' }));
  await expect(rows(page).filter({ hasText: one.name })).toContainText('Active');
  await expect(rows(page).filter({ hasText: two.name })).toContainText('Inactive');
  await expect(rows(page).filter({ hasText: three.name })).toContainText('Prospect');
  await expect(bar(page)).toBeHidden();
});

test('a tag made in place is given to all that match, once confirmed, and filters the list', async ({ page, desk }) => {
  const clients = await several(desk, 3);
  const tag = `Tag ${word()}`;
  await as(page, 'staff@demo.test');
  await list(page, clients[0]!);
  await tick(page, clients[0]!);
  await bar(page).getByLabel('All 3 matching').check();
  const tags = await menu(page, 'Tags');
  await tags.getByLabel('Or a new tag').fill(tag);
  await follow(tags.getByRole('button', { name: 'Add tag' }));
  await expect(page.getByText('3 clients were selected. Nothing has changed yet.')).toBeVisible();
  await axe(page);
  await follow(page.getByRole('button', { name: 'Change these clients' }));
  await finished(page);
  await expect(page.getByText('3 done.')).toBeVisible();
  await page.goto('/clients');
  await page.getByRole('search').getByLabel('Tag', { exact: true }).selectOption({ label: tag });
  if (!hasJavaScript()) await follow(page.getByRole('button', { name: 'Search' }));
  await expect(rows(page)).toHaveCount(3);
});

test('without a tag, or without a selection, it says so', async ({ page, desk }) => {
  const [one] = await several(desk, 1);
  await as(page, 'staff@demo.test');
  await list(page, one!);
  await tick(page, one!);
  expect(await follow((await menu(page, 'Tags')).getByRole('button', { name: 'Add tag' }))).toBe(422);
  await expect(page.getByRole('alert')).toContainText('Choose tag.');
});

test('a practitioner is assigned, then sees them', async ({ page, open, desk }) => {
  const [one] = await several(desk, 1);
  const priya = await open('practitioner@demo.test');
  expect((await priya.goto(one!.url))?.status()).toBe(404);
  await as(page, 'staff@demo.test');
  await list(page, one!);
  await tick(page, one!);
  const menus = await menu(page, 'Practitioners');
  await menus.getByLabel('Practitioner', { exact: true }).selectOption({ label: 'Dr. Priya Raman' });
  await follow(menus.getByRole('button', { name: 'Assign', exact: true }));
  await finished(page);
  await expect(answer(page, one!)).toContainText('Done');
  expect((await priya.goto(one!.url))?.status()).toBe(200);
  await list(priya, one!);
  await tick(priya, one!);
  for (const name of ['Status', 'Practitioners']) {
    await expect(bar(priya).locator('summary', { hasText: name })).toHaveCount(0);
  }
});

test('deleting is confirmed, and answers row by row', async ({ page, desk }) => {
  const [gone, kept] = (await several(desk, 2)) as [Client, Client];
  await desk.book(kept);
  await as(page, 'staff@demo.test');
  await list(page, gone);
  await tick(page, gone, kept);
  await follow((await menu(page, 'More')).getByRole('button', { name: 'Delete…' }));
  await expect(page.getByText('Deleting can’t be undone.')).toBeVisible();
  expect((await desk.status(gone.url))).toBe(200);
  await follow(page.getByRole('button', { name: 'Delete these clients' }));
  await finished(page);
  await expect(answer(page, kept)).toContainText('Referred to by: 1 upcoming appointment');
  await expect(answer(page, gone)).toContainText('Deleted');
  expect((await desk.status(gone.url))).toBe(404);
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
});

test('reset links go to those who have a log-in', async ({ page, desk }) => {
  const member = await desk.member({});
  await as(page, 'staff@demo.test');
  await list(page, member);
  await tick(page, member);
  await follow((await menu(page, 'More')).getByRole('button', { name: 'Send password reset links' }));
  await follow(page.getByRole('button', { name: 'Send the links' }));
  await finished(page);
  await expect(answer(page, member)).toContainText('Done');
});

test('the selection leads to a new group', async ({ page, desk }) => {
  const [one, two] = (await several(desk, 2)) as [Client, Client];
  await as(page, 'staff@demo.test');
  await list(page, one);
  await tick(page, one, two);
  await follow((await menu(page, 'More')).getByRole('button', { name: 'Add selected to a couple, family or group' }));
  await expect(page).toHaveURL(new RegExp(`/clients/groups/new\\?clients=`));
  for (const client of [one, two]) expect(page.url()).toContain(client.number);
});

test('a selection is kept from page to page, and ranges are selected with shift @js', async ({ page, desk }) => {
  const clients = await several(desk, 4);
  const [one, two, three, four] = clients as [Client, Client, Client, Client];
  const [other] = (await several(desk, 1)) as [Client];
  await as(page, 'staff@demo.test');
  await list(page, other);
  await tick(page, other);
  await list(page, one);
  await expect(page.getByText('1 selected, 1 of them on other pages')).toBeVisible();
  const boxes = page.locator('tbody .tick input');
  await boxes.nth(0).click();
  await boxes.nth(2).click({ modifiers: ['Shift'] });
  await expect(page.getByText('4 selected, 1 of them on other pages')).toBeVisible();
  await follow((await menu(page, 'Status')).getByRole('button', { name: 'Make inactive' }));
  await finished(page);
  for (const client of [one, two, three, other]) await expect(answer(page, client)).toContainText('Done');
  await expect(answer(page, four)).toHaveCount(0);
  await list(page, one);
  await expect(bar(page)).toBeHidden();
});
