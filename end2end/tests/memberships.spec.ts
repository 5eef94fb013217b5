// Couples, families and groups: built in two ways, added to, left, come back to, changed in kind.
import { as, axe, between, expect, follow, hasJavaScript, test, word, type Client } from '../fixtures.ts';
import { field, problem, section, toast, unfold } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

test.beforeEach(async ({ page }) => as(page, 'staff@demo.test'));

/** Somebody who is here already becomes a tick of the form. */
async function tick(page: Page, client: Client): Promise<void> {
  await page.getByLabel('Find a client to add').fill(client.name);
  if (hasJavaScript()) await page.getByRole('option', { name: client.name }).click();
  else {
    await follow(page.getByRole('button', { name: 'Find', exact: true }));
    await page.getByRole('checkbox', { name: client.name }).check();
  }
  await expect(page.getByRole('checkbox', { name: client.name })).toBeChecked();
}

async function newOne(page: Page, row: number, first: string, last: string): Promise<void> {
  const fields = page.getByRole('group', { name: `New client ${row}` });
  await fields.getByLabel('First name').fill(first);
  await fields.getByLabel('Last name').fill(last);
}

const members = (page: Page) => page.getByRole('list', { name: 'Members', exact: true });
const past = (page: Page) => page.getByRole('list', { name: 'Past members' });
const row = (list: Locator, name: string) => list.getByRole('listitem').filter({ has: list.page().getByRole('link', { name, exact: true }) });
const selected = (clients: Client[], more = '') => `/clients/groups/new?clients=${clients.map((one) => one.number).join(',')}${more}`;

/** Built of ticked rows; on its profile. */
async function build(page: Page, kind: string, name: string, clients: Client[]): Promise<string> {
  await page.goto(selected(clients));
  await page.getByRole('radio', { name: new RegExp(`^${kind}`) }).check();
  await field(page, 'Name').fill(name);
  expect(await follow(page.getByRole('button', { name: 'Create' }))).toBe(200);
  return new URL(page.url()).pathname;
}

test('the kinds explain themselves, and each has its form', async ({ page }) => {
  await page.goto('/clients/new');
  const kinds = page.getByRole('navigation', { name: 'Type' });
  for (const [kind, words] of [['Couple', 'Two people seen together'], ['Family', 'Two or more relatives'], ['Group', 'Unrelated people'], ['Individual', 'One person']] as const) {
    await follow(kinds.getByRole('link', { name: kind }));
    await expect(kinds).toContainText(words);
  }
  await expect(page.getByLabel('First name')).toBeVisible();
  await follow(kinds.getByRole('link', { name: /^Group/ }));
  await expect(page.getByRole('button', { name: 'Create group' })).toBeVisible();
  await unfold(page, 'Details');
  await expect(page.getByLabel('Age range of the members')).toBeVisible();
  await follow(kinds.getByRole('link', { name: /^Couple/ }));
  await expect(page.getByRole('button', { name: 'Create couple' })).toBeVisible();
  await expect(page.getByLabel('Age range of the members')).toHaveCount(0);
  await axe(page);
});

test('a family is built of people who are here and people who are not', async ({ page, desk }) => {
  const [parent, child] = [await desk.client(), await desk.client()];
  const [last, name] = [word(), word()];
  await page.goto('/clients/new?kind=family');
  await field(page, 'Name').fill(name);
  await tick(page, parent);
  await tick(page, child);
  await newOne(page, 1, 'Baby', last);
  await follow(page.getByRole('button', { name: 'Add another new client' }));
  for (const client of [parent, child]) await expect(page.getByRole('checkbox', { name: client.name })).toBeChecked();
  await newOne(page, 2, 'Granny', last);
  await unfold(page, 'Details');
  await page.getByLabel('New tags').fill(`${name} tag`);
  expect(await follow(page.getByRole('button', { name: 'Create family' }))).toBe(200);
  await toast(page, 'Created.');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
  for (const who of [parent.name, child.name, `Baby ${last}`, `Granny ${last}`]) await expect(row(members(page), who)).toBeVisible();
  await expect(section(page, 'Details')).toContainText(`${name} tag`);
  await axe(page);
  // Each of them says so as well, and leads back.
  await follow(row(members(page), `Baby ${last}`).getByRole('link', { name: `Baby ${last}`, exact: true }));
  await follow(section(page, 'Member of').getByRole('link', { name, exact: true }));
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
});

test('selected rows become a couple with a code, which no third person joins', async ({ page, desk }) => {
  const [one, two, third] = [await desk.client(), await desk.client(), await desk.client()];
  const code = `C${String(between(0, 1e5)).padStart(5, '0')}`;
  await page.goto(selected([one, two], `&kind=couple&code=${code}`));
  await expect(page.getByRole('radio', { name: /^Couple/ })).toBeChecked();
  await expect(field(page, 'Code')).toHaveValue(code);
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Create' }))).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(code);
  const profile = new URL(page.url()).pathname;

  await follow(page.getByRole('link', { name: 'Add members' }));
  await tick(page, third);
  await newOne(page, 1, 'Kept', 'As typed');
  expect(await follow(page.getByRole('button', { name: 'Add members' }))).toBe(422);
  await expect(page.locator('#f-members-error')).toContainText('A couple can have two members');
  await expect(page.getByRole('checkbox', { name: third.name })).toBeChecked();
  await expect(page.getByLabel('First name')).toHaveValue('Kept');
  await axe(page);
  await page.goto(profile);
  await expect(members(page).getByRole('listitem')).toHaveCount(2);

  // Three at the same time are no couple either; what was typed stays.
  const name = word();
  await page.goto(selected([one, two, third]));
  await page.getByRole('radio', { name: /^Couple/ }).check();
  await field(page, 'Name').fill(name);
  expect(await follow(page.getByRole('button', { name: 'Create' }))).toBe(422);
  await expect(page.locator('#f-members')).toContainText('A couple can have two members');
  await expect(field(page, 'Name')).toHaveValue(name);
  await page.getByRole('radio', { name: /^Family/ }).check();
  expect(await follow(page.getByRole('button', { name: 'Create' }))).toBe(200);
  await expect(members(page).getByRole('listitem')).toHaveCount(3);
});

test('selected people join what exists', async ({ page, desk }) => {
  const [one, two] = [await desk.client(), await desk.client()];
  const name = word();
  await build(page, 'Group', name, [one]);
  await page.goto(selected([one, two]));
  await page.getByRole('searchbox').fill(name);
  await follow(page.getByRole('button', { name: 'Search' }));
  expect(await follow(page.getByRole('button', { name: 'Add', exact: true }))).toBe(422);
  await page.getByRole('radio', { name: new RegExp(name) }).check();
  expect(await follow(page.getByRole('button', { name: 'Add', exact: true }))).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
  await expect(members(page).getByRole('listitem')).toHaveCount(2);
});

test('who leaves is remembered, and may come back', async ({ page, desk }) => {
  const [one, two] = [await desk.client(), await desk.client()];
  const group = await build(page, 'Group', word(), [one, two]);
  await follow(row(members(page), one.name).getByRole('button', { name: 'End membership today' }));
  await toast(page, 'Membership ended.');
  await expect(members(page).getByRole('listitem')).toHaveCount(1);
  await expect(row(past(page), one.name)).toBeVisible();
  await follow(row(past(page), one.name).getByRole('button', { name: 'Rejoin today' }));
  await toast(page, 'Membership restarted.');
  await expect(row(members(page), one.name)).toBeVisible();
  await expect(past(page)).toHaveCount(0);

  // With dates of their own, and what is wrong with them.
  await follow(row(members(page), two.name).getByRole('link', { name: 'Edit' }));
  await page.getByLabel('Left on').first().fill('2020-01-31');
  expect(await follow(page.getByRole('button', { name: 'End the membership' }))).toBe(422);
  expect(await problem(page.getByLabel('Left on').first())).toBe('This is before the day they joined.');
  await expect(page.getByLabel('Left on').first()).toHaveValue('2020-01-31');
  await axe(page);
  await unfold(page, 'Correct the dates');
  await page.getByLabel('First day').fill('2025-03-08');
  await page.getByLabel('Left on').last().fill('2025-06-01');
  expect(await follow(page.getByRole('button', { name: 'Save the dates' }))).toBe(200);
  await expect(row(past(page), two.name)).toContainText('8 Mar 2025 to 1 Jun 2025');
  await page.goto(two.url);
  await unfold(page, 'Past memberships');
  await expect(section(page, 'Member of')).toContainText('8 Mar 2025 to 1 Jun 2025');

  // A mistake of today can be taken out.
  await page.goto(group);
  await follow(row(members(page), one.name).getByRole('link', { name: 'Edit' }));
  await unfold(page, 'Remove what was entered by mistake');
  await follow(page.getByRole('button', { name: 'Remove the membership' }));
  await toast(page, 'Membership removed.');
  await expect(members(page).getByRole('listitem')).toHaveCount(0);
});

test('a kind changes only when nothing stands in the way', async ({ page, desk }) => {
  const people = [await desk.client(), await desk.client(), await desk.client()];
  const name = word();
  const group = await build(page, 'Group', name, people);
  await follow(page.getByRole('link', { name: 'Edit', exact: true }));
  await expect(page.getByText(/Not now: three members on/)).toBeVisible();
  await page.getByRole('radio', { name: /^Couple/ }).check();
  await field(page, 'Code').fill('MINDFULNESS');
  await field(page, 'Name').fill(`${name} kept`);
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(422);
  await expect(page.locator('#f-kind-error')).toContainText('A couple can have two members');
  expect(await problem(field(page, 'Code'))).toBe('Use 1 to 6 letters and digits.');
  await expect(field(page, 'Name')).toHaveValue(`${name} kept`);
  await axe(page);
  await page.getByRole('radio', { name: /^Group/ }).check();
  const code = `MIND${between(0, 1e9)}`;
  await field(page, 'Code').fill(code);
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(200);
  await expect(page.getByText(`Code ${code} · Group`)).toBeVisible();
  await page.goto(`${group}/edit`);
  await expect(page.getByText(/Not now: .*its code has more than 6 characters/).first()).toBeVisible();
});

test('a practitioner sees of the members those assigned to them', async ({ page, desk, open }) => {
  const priya = await desk.practitionerId('Dr. Priya Raman');
  const mine = await desk.client({}, { 'practitioners[]': priya });
  const hidden = await desk.client();
  const name = word();
  const family = await build(page, 'Family', name, [mine, hidden]);
  const practitioner = await open('practitioner@demo.test');
  expect((await practitioner.goto(family))?.status()).toBe(404);
  await page.goto(`${family}/edit`);
  await unfold(page, 'Practitioners');
  await page.getByRole('checkbox', { name: 'Dr. Priya Raman' }).check();
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(200);
  await practitioner.goto(family);
  await expect(row(members(practitioner), mine.name)).toBeVisible();
  await expect(practitioner.getByText('1 more you don’t have access to.')).toBeVisible();
  await expect(practitioner.getByText(hidden.name)).toHaveCount(0);
});

test('on a telephone nothing is cut off', async ({ page, desk }) => {
  const [one, two] = [await desk.client(), await desk.client()];
  const group = await build(page, 'Group', `${word()} ${'very '.repeat(15)}long`, [one, two]);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const address of ['/clients/new?kind=group', group, `${group}/edit`, `${group}/members/new`, selected([one, two])]) {
    await page.goto(address);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), address).toBeLessThanOrEqual(390);
    await axe(page);
  }
});
