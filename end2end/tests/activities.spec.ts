// Activities: hours logged with clients who are found or made in place, who was there of a group,
// and an appointment that becomes one.
import { as, axe, expect, follow, hasJavaScript, test, word } from '../fixtures.ts';
import { field, problem, section, toast, unfold } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

const ADMIN = 'admin@demo.test';
const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Toronto' }).format(new Date());

const save = (page: Page) => follow(page.locator('.form-actions').getByRole('button', { name: 'Save activity' }));

/** Finds a client with the picker and adds them. */
async function add(page: Page, client: { name: string }): Promise<void> {
  await page.getByRole('main').getByLabel('Find a client').fill(client.name);
  if (hasJavaScript()) {
    // The person who is chosen is added right away.
    await follow(page.getByRole('option', { name: client.name }));
  } else {
    await follow(page.getByRole('button', { name: 'Add', exact: true }));
    await follow(page.getByRole('button', { name: `Add ${client.name}` }));
  }
  await expect(chosen(page, client.name)).toBeVisible();
}

const chosen = (page: Page, name: string): Locator => page.locator('#f-clients > li', { hasText: name });

/** The list, of one client's. */
const listed = (page: Page, number: string) => page.goto(`/activities?whose=all&client=${number}`);

test.beforeEach(async ({ page }) => as(page, ADMIN));

test('an activity is logged with a client, found again, changed and deleted', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  await page.goto('/activities/new');
  await expect(page.getByLabel('Date')).toHaveValue(today());
  await page.getByLabel('Type').selectOption({ label: 'Assessment' });
  await page.getByLabel('Hours', { exact: true }).fill('1.5');
  await field(page, 'Setting').selectOption({ label: 'School' });
  await field(page, 'Supervisor').selectOption({ label: 'Tomás Ferreira' });
  await unfold(page, 'Title and description');
  await field(page, 'Title').fill('First part');
  await field(page, 'Description').fill('</textarea><script>document.title = "caught"</script> 🙂');
  await add(page, client);
  // Adding someone loses nothing.
  await expect(page.getByLabel('Hours', { exact: true })).toHaveValue('1.5');
  await expect(field(page, 'Setting').locator('option:checked')).toHaveText('School');
  await expect(field(page, 'Description')).toHaveValue('</textarea><script>document.title = "caught"</script> 🙂');
  await axe(page);
  expect(await save(page)).toBe(200);
  await toast(page, 'Activity saved.');

  await listed(page, client.number);
  const row = page.getByRole('row', { name: client.name });
  for (const words of ['Assessment', 'First part', '1:30', 'School', 'Tomás Ferreira', 'Nadia Haddad']) {
    await expect(row).toContainText(words);
  }
  await expect(page.getByText('1 activity, 1:30 hours')).toBeVisible();
  await axe(page);

  await follow(row.getByRole('link', { name: 'Assessment' }));
  await expect(page.getByLabel('Hours', { exact: true })).toHaveValue('1:30');
  await page.getByLabel('Hours', { exact: true }).fill('50 min');
  expect(await save(page)).toBe(200);
  await page.goto(client.url);
  const panel = section(page, 'Activities');
  await expect(panel).toContainText('1 in all, 0:50 hours');
  await follow(panel.getByRole('link', { name: 'Assessment' }));
  await unfold(page, 'Delete this activity');
  await follow(page.getByRole('button', { name: 'Delete activity' }));
  await toast(page, 'Activity deleted.');
  await follow(page.locator('.toast').getByRole('button', { name: 'Undo' }));
  await toast(page, 'Activity restored.');
  await page.goto(client.url);
  await follow(panel.getByRole('link', { name: 'Assessment' }));
  await unfold(page, 'Delete this activity');
  await follow(page.getByRole('button', { name: 'Delete activity' }));
  await toast(page, 'Activity deleted.');
  await listed(page, client.number);
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
});

test('problems are shown at their field, and nothing typed is lost', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  await page.goto(`/activities/new?client=${client.number}`);
  await page.getByLabel('Hours', { exact: true }).fill('25:00');
  await page.getByLabel('Date').fill('2150-01-01');
  expect(await save(page)).toBe(422);
  expect(await problem(page.getByLabel('Type'))).toBe('Choose type.');
  expect(await problem(page.getByLabel('Hours', { exact: true }))).toContain('From 5 minutes to 24 hours');
  expect(await problem(page.getByLabel('Date'))).toContain('in the future');
  await expect(chosen(page, client.name)).toBeVisible();
  await axe(page);
  await page.getByLabel('Hours', { exact: true }).fill('half an hour');
  expect(await save(page)).toBe(422);
  expect(await problem(page.getByLabel('Hours', { exact: true }))).toContain('Enter minutes like 50');
  await page.getByLabel('Hours', { exact: true }).fill('2');
  await page.getByLabel('Date').fill('2026-01-05');
  await page.getByLabel('Type').selectOption({ label: 'Consultation' });
  expect(await save(page)).toBe(200);
  await listed(page, client.number);
  await expect(page.getByRole('row', { name: client.name }).first()).toContainText('2:00');
});

test('a client created in place is part of the activity right away', async ({ page }) => {
  const [first, last] = [word(), word()];
  await page.goto('/activities/new');
  await page.getByLabel('Type').selectOption({ label: 'Consultation' });
  await page.getByLabel('Hours', { exact: true }).fill('0:40');
  await unfold(page, 'Title and description');
  await field(page, 'Title').fill('Kept');
  const create = page.locator('form', { has: page.getByLabel('First name') });
  if (hasJavaScript()) {
    await page.getByRole('button', { name: 'Add a new client' }).click();
    await expect(create).toBeVisible();
  } else {
    await follow(page.getByRole('button', { name: 'Add a new client' }));
  }
  await create.getByLabel('First name').fill(first);
  await create.getByLabel('Last name').fill(last);
  await create.getByLabel('Send email').uncheck();
  await create.getByRole('button', { name: 'Create client' }).click();
  await expect(chosen(page, `${first} ${last}`)).toBeVisible();
  await expect(page.getByLabel('Hours', { exact: true })).toHaveValue('0:40');
  await expect(field(page, 'Title')).toHaveValue('Kept');
  await expect(page.getByLabel('Type').locator('option:checked')).toHaveText('Consultation');
  expect(await save(page)).toBe(200);
  await expect(page.getByRole('row', { name: `${first} ${last}` }).first()).toContainText('0:40');
});

test('who is looked for and not found, and who is removed again', async ({ page, desk }) => {
  const [one, other] = [await desk.client({ email: false }), await desk.client({ email: false })];
  await page.goto(`/activities/new?client=${one.number}`);
  await add(page, other);
  await follow(page.getByRole('button', { name: `Remove ${one.name}` }));
  await expect(chosen(page, one.name)).toHaveCount(0);
  await expect(chosen(page, other.name)).toBeVisible();
  await page.getByRole('main').getByLabel('Find a client').fill('Xqzwvy Jkqxz');
  if (hasJavaScript()) {
    await expect(page.getByText('No matches', { exact: true }).first()).toBeVisible();
  } else {
    await follow(page.getByRole('button', { name: 'Add', exact: true }));
    await expect(page.getByText('No clients found for “Xqzwvy Jkqxz”')).toBeVisible();
  }
});

test('an edited client shows as they are now on what has been', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  const renamed = word();
  await page.goto(`/activities/new?client=${client.number}`);
  await page.getByLabel('Type').selectOption({ label: 'Assessment' });
  await page.getByLabel('Hours', { exact: true }).fill('45');
  await save(page);
  await page.goto(`${client.url}/edit`);
  await page.getByLabel('First name').fill(renamed);
  await follow(page.getByRole('button', { name: 'Save' }).first());
  await listed(page, client.number);
  await expect(page.getByRole('row', { name: `${renamed} ${client.last}` })).toContainText('0:45');
});

test('a supervisor reads what names them and changes nothing', async ({ page, desk, open }) => {
  const client = await desk.client({ email: false });
  await page.goto(`/activities/new?client=${client.number}`);
  await page.getByLabel('Type').selectOption({ label: 'Supervision' });
  await page.getByLabel('Hours', { exact: true }).fill('1:10');
  await field(page, 'Supervisor').selectOption({ label: 'Dr. Priya Raman' });
  await unfold(page, 'Title and description');
  const title = word();
  await field(page, 'Title').fill(title);
  await save(page);

  const priya = await open('practitioner@demo.test');
  await priya.goto('/activities?whose=supervised');
  const row = priya.getByRole('row', { name: title });
  // The client is not assigned to her.
  await expect(row).toContainText('1 you don’t have access to');
  await expect(row).not.toContainText(client.last);
  await follow(row.getByRole('link'));
  await expect(priya.getByText('1:10', { exact: true })).toBeVisible();
  await expect(priya.getByRole('button', { name: 'Save activity' })).toHaveCount(0);
  await axe(priya);
  const answer = await priya.goto(`/activities?whose=all&client=${client.number}`);
  expect(answer?.status()).toBe(404);
});

test('on another date the members differ, and no one is saved unseen', async ({ page, desk }) => {
  const [one, other] = [await desk.client({ email: false }), await desk.client({ email: false })];
  await page.goto(`/clients/groups/new?clients=${one.number},${other.number}`);
  await page.getByRole('radio', { name: /^Couple/ }).check();
  await page.getByLabel('Members from').first().fill('2026-03-02');
  expect(await follow(page.getByRole('button', { name: 'Create' }))).toBe(200);
  const couple = new URL(page.url()).pathname.split('/').pop() ?? '';
  await page.goto(`/activities/new?client=${couple}`);
  await page.getByLabel('Type').selectOption({ label: 'Consultation' });
  await page.getByLabel('Hours', { exact: true }).fill('1:00');
  await expect(page.getByRole('checkbox', { name: one.name })).toBeChecked();
  await page.getByLabel('Date').fill('2026-03-01');
  expect(await save(page)).toBe(422);
  await expect(page.locator('#f-clients-error')).toContainText('membership was different');
  await expect(page.getByText('No members on this date.')).toBeVisible();
  await axe(page);
  await page.getByLabel('Date').fill('2026-03-02');
  expect(await save(page)).toBe(422);
  await expect(page.getByRole('checkbox', { name: one.name })).toBeChecked();
  expect(await save(page)).toBe(200);
  await listed(page, one.number);
  await expect(page.getByRole('row').filter({ hasText: '(2 attended)' })).toBeVisible();
});

test('the selected members of a group attended', async ({ page }) => {
  await as(page, 'trainee@demo.test');
  await page.goto('/activities/new');
  await page.getByLabel('Type').selectOption({ label: 'Group session' });
  await page.getByLabel('Hours', { exact: true }).fill('1:30');
  await unfold(page, 'Title and description');
  const title = word();
  await field(page, 'Title').fill(title);
  await add(page, { name: 'Tuesday skills group' });
  const there = page.getByRole('group', { name: 'Who attended Tuesday skills group?' });
  const members = there.getByRole('checkbox');
  const count = await members.count();
  expect(count).toBeGreaterThan(3);
  for (const member of await members.all()) await expect(member).toBeChecked();
  await axe(page);
  await members.first().uncheck();
  expect(await save(page)).toBe(200);
  const row = page.getByRole('row', { name: title });
  await expect(row).toContainText(`(${count - 1} attended)`);
  await follow(row.getByRole('link', { name: 'Group session' }));
  await expect(members.first()).not.toBeChecked();
  await expect(members.nth(1)).toBeChecked();
  await unfold(page, 'Delete this activity');
  await follow(page.getByRole('button', { name: 'Delete activity' }));
});

test('an appointment that has been is recorded as an activity, once', async ({ page }) => {
  // Days of the demo's past until one has an appointment that is not recorded yet.
  await as(page, 'practitioner@demo.test');
  const record = page.getByRole('link', { name: 'Record as activity' });
  let appointment = '';
  for (let days = 1; days < 25 && appointment === ''; days += 1) {
    const date = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`/calendar?view=list&date=${date}`);
    const lane = page.locator('.lane', { has: page.getByRole('heading', { name: /^Dr. Priya Raman/ }) });
    const links = await lane.locator('.slot-row:not(.cancelled) a.row-target').evaluateAll((all) => all.map((one) => one.getAttribute('href')!));
    for (const link of links) {
      await page.goto(link);
      if ((await record.count()) > 0) {
        appointment = link;
        break;
      }
    }
  }
  expect(appointment, 'the demo has a past appointment').not.toBe('');
  const client = await page.getByRole('heading', { level: 1 }).innerText();
  await follow(record);
  await expect(chosen(page, client)).toBeVisible();
  await expect(page.getByLabel('Hours', { exact: true })).not.toHaveValue('');
  await page.getByLabel('Type').selectOption({ label: 'Individual session' });
  expect(await save(page)).toBe(200);
  await toast(page, 'Activity saved.');
  await page.goto(appointment);
  await expect(record).toHaveCount(0);
  await follow(page.getByRole('link', { name: 'Activity', exact: true }));
  await expect(chosen(page, client)).toBeVisible();
  await follow(page.getByRole('link', { name: 'Appointment', exact: true }));
  await page.goto(`/activities/new?appointment=${appointment.split('/').pop()!}`);
  await expect(page).toHaveURL(/\/activities\/[0-9a-f-]{36}$/);
});

test.describe('on a telephone', () => {
  test.use({ viewport: { width: 390, height: 800 } });

  test('list and form fit', async ({ page, desk }) => {
    const client = await desk.client({ email: false });
    await page.goto(`/activities/new?client=${client.number}`);
    await page.getByLabel('Type').selectOption({ label: 'Assessment' });
    await page.getByLabel('Hours', { exact: true }).fill('2h');
    await save(page);
    for (const path of ['/activities', `/activities/new?client=${client.number}`, client.url, '/reports']) {
      await page.goto(path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
    }
  });
});
