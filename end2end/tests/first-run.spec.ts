// From an empty folder to the first booking by a linked client, with nothing but a browser and the
// link that the server prints.
import { axe, expect, follow, PASSWORD } from '../fixtures.ts';
import { practice } from '../practice.ts';
import { bookOnline, mailedLink, openMail, section, toast } from './steps.ts';
import type { Page } from '@playwright/test';

const test = practice('empty');

const NADIA = 'nadia@elm.example';
const PARENT = { first: 'Ana', last: 'Okafor', name: 'Ana Okafor', email: 'ana@kin.example' };
const CHILD = { first: 'Mia', last: 'Okafor', name: 'Mia Okafor', email: 'mia@kin.example' };

/** Makes a client on the page of a new one; gives back the address of their profile. */
async function create(page: Page, client: typeof PARENT): Promise<string> {
  await page.goto('/clients/new');
  const main = page.getByRole('main');
  await main.getByLabel('First name').fill(client.first);
  await main.getByLabel('Last name').fill(client.last);
  await main.getByLabel(/^E-?mail$/).fill(client.email);
  await follow(main.getByRole('button', { name: /^Create / }));
  await expect(page.getByRole('heading', { level: 1 })).toContainText(client.name);
  return new URL(page.url()).pathname;
}

async function choosePassword(page: Page): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Confirm password').fill(PASSWORD);
}

test('a practice is set up in the browser, up to the first booking by a linked client', async ({ page, open, setUp }) => {
  test.setTimeout(180_000);
  await page.goto('/login');
  await expect(page.getByRole('main')).toContainText('Kindred isn’t set up yet');

  // The first administrator.
  await page.goto(setUp);
  await axe(page);
  await page.getByLabel('First name').fill('Nadia');
  await page.getByLabel('Last name').fill('Haddad');
  await page.getByLabel('Work email').fill(NADIA);
  await choosePassword(page);
  expect(await follow(page.getByRole('button', { name: 'Create administrator' }))).toBe(200);

  // What the practice begins with.
  await expect(page).toHaveURL(/\/settings\/first-run$/);
  await axe(page);
  await page.getByRole('radio', { name: /^Counselling/ }).check();
  await page.getByLabel('Practice name').fill('Elm Counselling');
  await page.getByLabel(/^I see clients myself/).check();
  expect(await follow(page.getByRole('button', { name: 'Continue' }))).toBe(200);
  await toast(page, 'Your practice is set up.');
  const checklist = section(page, 'Get ready for your first booking');
  await expect(checklist).toContainText('2 of 8 done');
  await axe(page);

  // The link is of no use any more, and the log-in page says nothing of it.
  const visitor = await open();
  expect((await visitor.goto(setUp))?.status()).toBe(410);
  await visitor.goto('/login');
  await expect(visitor.getByRole('main')).not.toContainText('set up yet');

  // How the practice is reached, and when she works.
  await follow(checklist.getByRole('link', { name: 'Add how to reach your practice' }));
  await page.getByLabel(/^Phone/).fill('416 555 0123');
  expect(await follow(page.getByRole('button', { name: 'Save', exact: true }))).toBe(200);
  await page.goto('/calendar');
  await follow(checklist.getByRole('link', { name: 'Set working hours' }));
  await follow(page.getByRole('row', { name: 'Nadia Haddad' }).getByRole('link', { name: 'Schedule' }));
  for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']) {
    await page.getByLabel(`${day}, from`, { exact: true }).fill('08:00');
    await page.getByLabel(`${day}, to`, { exact: true }).fill('20:00');
  }
  expect(await follow(page.getByRole('button', { name: 'Save working hours' }))).toBe(200);

  // A colleague at the front desk, who chooses a password by the link in the mail.
  await page.goto('/settings/team/new');
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Add team member' }))).toBe(422);
  await page.getByLabel('First name').fill('Owen');
  await page.getByLabel('Last name').fill('Clarke');
  await page.getByLabel('Work email').fill('owen@elm.example');
  await page.getByRole('checkbox', { name: /^Front desk/ }).check();
  await page.getByLabel('Send invitation').check();
  expect(await follow(page.getByRole('button', { name: 'Add team member' }))).toBe(200);
  await toast(page, 'The invitation is waiting in the outbox');
  await axe(page);
  await page.goto('/settings/team');
  await expect(page.getByRole('row', { name: 'Owen Clarke' })).toContainText('Invited, expires');
  await axe(page);
  await openMail(page, 'owen@elm.example', /invited/);
  await visitor.goto(await mailedLink(page, /\/claim\//));
  await choosePassword(visitor);
  expect(await follow(visitor.getByRole('button', { name: 'Save and log in' }))).toBe(200);
  await visitor.goto('/account');
  await axe(visitor);
  await visitor.getByLabel('Theme').selectOption({ label: 'Dark' });
  expect(await follow(visitor.getByRole('button', { name: 'Save preferences' }))).toBe(200);
  await expect(visitor.locator('html')).toHaveAttribute('data-theme', 'dark');

  // A parent who may book for her child.
  await create(page, PARENT);
  const parent = new URL(page.url()).pathname;
  const child = await create(page, CHILD);
  await page.goto(`${child}/links/new/${parent.split('/').pop()}`);
  await page.getByLabel('Ana Okafor is Mia Okafor’s').selectOption({ label: 'Parent' });
  await page.getByLabel('Mia Okafor is Ana Okafor’s').selectOption({ label: 'Child' });
  await section(page, 'What Ana Okafor may do for Mia Okafor').getByLabel('Book and manage appointments').check();
  expect(await follow(page.getByRole('button', { name: 'Save relationship' }))).toBe(200);
  await page.goto(parent);
  expect(await follow(page.getByRole('button', { name: /^Send (welcome e-?mail|invitation)/i }))).toBe(200);
  await openMail(page, PARENT.email, /Welcome/);
  const portal = await open();
  await portal.goto(await mailedLink(page, /\/claim\//));
  await choosePassword(portal);
  expect(await follow(portal.getByRole('button', { name: 'Save and log in' }))).toBe(200);
  await expect(portal.getByRole('contentinfo')).toContainText('416 555 0123');
  await bookOnline(portal, 'Individual session', CHILD.name);
  await expect(portal.getByRole('heading', { level: 1 })).toHaveText(`${CHILD.name} is booked`);

  // What is left: the address of the place.
  await page.goto('/calendar');
  await expect(checklist).toContainText('7 of 8 done');
  await follow(checklist.getByRole('button', { name: 'Hide this list' }));
  await expect(checklist).toHaveCount(0);

  // No one is left who could let the others in.
  await page.goto('/settings/team');
  await follow(page.getByRole('link', { name: 'Nadia Haddad' }));
  await page.getByRole('checkbox', { name: /^Administrator/ }).uncheck();
  expect(await follow(page.getByRole('button', { name: 'Save', exact: true }))).toBe(422);
  await expect(page.locator('.error-summary')).toContainText('Add another administrator first.');

  // Deactivated, the colleague is logged out right away.
  await page.goto('/settings/team');
  await follow(page.getByRole('link', { name: 'Owen Clarke' }));
  expect(await follow(page.getByRole('button', { name: 'Deactivate', exact: true }))).toBe(200);
  await visitor.goto('/calendar');
  await expect(visitor).toHaveURL(/\/login/);
});
