// Clients: created, edited, found, and seen by those who may see them.
import { as, between, expect, follow, hasJavaScript, test, word } from '../fixtures.ts';
import { field, fillClient, openForm, openProfile, problem, section, person, toast, unfold } from './steps.ts';
import type { Page } from '@playwright/test';

const NOTES = '</textarea><script>document.title = "caught"</script> & “so” on';

const create = (page: Page) => follow(page.getByRole('button', { name: 'Create client' }));
const save = (page: Page) => follow(page.getByRole('button', { name: 'Save' }));
const digits = (count: number) => String(between(0, 10 ** count)).padStart(count, '0');
const code = () => `Z${digits(5)}`;

/** The list, searched. */
async function find(page: Page, words: string): Promise<void> {
  await page.goto(`/clients?q=${encodeURIComponent(words)}`);
}

test.describe('creating', () => {
  test.beforeEach(async ({ page }) => {
    await as(page, 'staff@demo.test');
    await page.goto('/clients/new');
  });

  test('every error stands at its field, and what was typed stays', async ({ page }) => {
    const typed = { 'Last name': '', 'Email': 'not an address', 'Mobile number': '12', 'Client code': 'A-1', 'Preferred name': 'Bee' };
    await unfold(page, 'Client details');
    await unfold(page, 'Notes');
    for (const [label, text] of Object.entries(typed)) await field(page, label).fill(text);
    await page.getByLabel('Date of birth').fill('2150-01-31');
    await page.getByLabel('Send text messages').check();
    await page.getByLabel('Preferred language').selectOption({ label: 'Français' });
    await page.getByLabel('Additional information').fill(`  ${NOTES}\nsecond line`);

    expect(await create(page)).toBe(422);
    const summary = page.getByRole('alert').filter({ hasText: 'There’s a problem' });
    await expect(summary.getByRole('link')).toHaveCount(5);
    const wrong = {
      'First name': /^Enter first name\.$/,
      'Email': /Enter an email like/,
      'Mobile number': /Enter a phone number/,
      'Client code': /letters A–Z and digits only/,
      'Date of birth': /in the future/,
    };
    for (const [label, words] of Object.entries(wrong)) {
      expect(await problem(field(page, label))).toMatch(words);
    }
    for (const [label, text] of Object.entries(typed)) await expect(field(page, label)).toHaveValue(text);
    await expect(page.getByLabel('Send text messages')).toBeChecked();
    await expect(page.getByLabel('Preferred language')).toHaveValue('fr');
    await expect(page.getByLabel('Additional information')).toHaveValue(`  ${NOTES}\nsecond line`);
    await expect(page).toHaveTitle(/^Error: New client/);
    await summary.getByRole('link', { name: 'Mobile' }).click();
    await expect(field(page, 'Mobile number')).toBeInViewport();
  });

  test('email and mobile are required exactly with their consents', async ({ page }) => {
    const { first, last } = person(word(), word());
    await page.getByLabel('First name').fill(first);
    await page.getByLabel('Last name').fill(last);
    await expect(page.getByLabel('Send email')).toBeChecked();
    await page.getByLabel('Send text messages').check();
    expect(await create(page)).toBe(422);
    // A blank address turns a tick off that no one touched: with JavaScript only, which knows.
    if (!hasJavaScript()) expect(await problem(page.getByLabel('Email', { exact: true }))).toBe('Enter an email, or turn off “Send email”.');
    expect(await problem(page.getByLabel('Mobile number', { exact: true }))).toBe('Enter a mobile number, or turn off “Send text messages”.');
    await page.getByLabel('Send email').uncheck();
    await page.getByLabel('Send text messages').uncheck();
    await page.getByLabel('Send portal invitation').check();
    expect(await create(page)).toBe(422);
    expect(await problem(page.getByLabel('Email', { exact: true }))).toBe('Enter an email. The link is sent there.');
    await page.getByLabel('Send portal invitation').uncheck();
    expect(await create(page)).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(`${first} ${last}`);
  });

  test('a code is one client’s, whatever its case', async ({ page, desk }) => {
    const taken = code();
    await desk.client({}, { code: taken });
    const { first, last, email } = person(word(), word());
    await fillClient(page, { first, last, email });
    await page.getByLabel('Client code').fill(taken.toLowerCase());
    expect(await create(page)).toBe(422);
    expect(await problem(page.getByLabel('Client code'))).toBe('This is already in use. Choose another.');
    await expect(page.getByLabel('First name')).toHaveValue(first);
    await page.getByLabel('Client code').fill('');
    expect(await create(page)).toBe(200);
    await expect(page.getByText(`Code ${first[0]}${last[0]}`)).toBeVisible();
  });

  test('long, odd and hostile words are kept and shown as they are', async ({ page }) => {
    const { first, last, email } = person(word(), word());
    const long = `${NOTES}\n\n${'x'.repeat(10_000 - NOTES.length - 2)}`;
    await fillClient(page, { first: `${first} 🦊👩‍👧`, last, email });
    await page.getByLabel('Send portal invitation').check();
    await unfold(page, 'Notes');
    await page.getByLabel('Additional information').fill(`${long}y`);
    expect(await create(page)).toBe(422);
    expect(await problem(page.getByLabel('Additional information'))).toBe('Use at most 10000 characters.');
    await expect(page.getByLabel('Additional information')).toHaveValue(`${long}y`);
    await page.getByLabel('Additional information').fill(long);
    expect(await create(page)).toBe(200);
    await toast(page, 'The invitation is waiting in the outbox');
    await expect(page.getByRole('heading', { level: 1 })).toContainText(`${first} 🦊👩‍👧 ${last}`);
    await expect(section(page, 'Additional information')).toContainText(NOTES);
    await expect(page).toHaveTitle(new RegExp(`^${first}`));
    await follow(page.getByRole('link', { name: 'Edit', exact: true }));
    await expect(page.getByLabel('Additional information')).toHaveValue(long);
  });
});

test.describe('editing', () => {
  test('what is saved shows right away', async ({ page, desk }) => {
    const client = await desk.client();
    await as(page, 'staff@demo.test');
    await page.goto(client.url);
    await follow(page.getByRole('link', { name: 'Edit', exact: true }));
    await expect(page.getByLabel('First name')).toHaveValue(client.first);
    await unfold(page, 'Client details');
    await page.getByLabel('Preferred name').fill('Bee');
    await page.getByLabel('Pronouns').fill('they/them');
    await page.getByLabel('Alert').fill('Bee stings');
    await page.getByLabel('Date of birth').fill('2000-02-29');
    expect(await save(page)).toBe(200);
    await toast(page, 'Changes saved.');
    await expect(page.getByRole('heading', { level: 1 })).toContainText(`Bee ${client.last}`);
    await expect(page.getByRole('note')).toHaveText('Alert: Bee stings');
    await expect(section(page, 'Details')).toContainText('29 February 2000');
    await expect(section(page, 'Details')).toContainText(client.name);
  });

  test('of two who save, the second sees both versions', async ({ page, open, desk }) => {
    const client = await desk.client();
    const other = await open('admin@demo.test');
    await as(page, 'staff@demo.test');
    for (const window of [page, other]) {
      await window.goto(`${client.url}/edit`);
      await unfold(window, 'Client details');
    }
    await other.getByLabel('Pronouns').fill('she/her');
    await other.getByLabel('Mobile number', { exact: true }).fill('416 555 0100');
    expect(await save(other)).toBe(200);
    await page.getByLabel('Pronouns').fill('they/them');
    expect(await save(page)).toBe(409);
    const stored = section(page, 'Stored now');
    await expect(stored).toContainText('she/her');
    await expect(stored).not.toContainText(client.email);
    await expect(page.getByLabel('Pronouns')).toHaveValue('they/them');
    // What the second had not touched is as the first saved it.
    await expect(stored).not.toContainText('416 555 0100');
    await expect(page.getByLabel('Mobile number', { exact: true })).toHaveValue('416 555 0100');
    expect(await save(page)).toBe(200);
    await expect(section(page, 'Details')).toContainText('they/them');
    await expect(page.getByRole('main')).toContainText('416 555 0100');
  });
});

test.describe('finding', () => {
  test('by name, name with a typo, code, number, telephone number and email', async ({ page, desk }) => {
    const mine = { code: code(), mobile: `647 ${digits(3)} ${digits(4)}` };
    const client = await desk.client({}, mine);
    const { first, last, name } = client;
    const typo = `${last.slice(0, 4)}${last[3]}${last.slice(4)}`;
    await as(page, 'staff@demo.test');
    const words = [
      name,
      `${last} ${first}`.toUpperCase(),
      last.slice(0, 6),
      `${first} ${typo}`,
      mine.code.toLowerCase(),
      client.number,
      mine.mobile.replaceAll(' ', '-'),
      client.email,
    ];
    for (const typed of words) {
      await find(page, typed);
      await expect(page.getByRole('link', { name, exact: true }), typed).toBeVisible();
      await expect(page.getByRole('searchbox')).toHaveValue(typed);
    }
    await find(page, 'xqxwxyxqxwx');
    await expect(page.getByRole('heading', { name: 'No clients found' })).toBeVisible();
    await openProfile(page, name);
  });

  test('the address holds words, status and page', async ({ page }) => {
    await as(page, 'staff@demo.test');
    // By number, for anyone who is made meanwhile comes last.
    await page.goto('/clients?sort=number');
    const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
    await expect(rows).toHaveCount(50);
    await expect(page.getByRole('navigation', { name: 'Pages' })).toContainText('1–50 of');
    const firstPage = await rows.first().getByRole('rowheader').innerText();
    await follow(page.getByRole('link', { name: 'Next' }));
    await expect(page).toHaveURL(/after=/);
    await expect(page.getByRole('navigation', { name: 'Pages' })).toContainText('51–100 of');
    expect(await rows.first().getByRole('rowheader').innerText()).not.toBe(firstPage);
    await follow(page.getByRole('link', { name: 'Previous' }));
    await expect(page).toHaveURL(/before=/);
    expect(await rows.first().getByRole('rowheader').innerText()).toBe(firstPage);

    await page.goto('/clients');
    await page.getByRole('searchbox').fill('example.com');
    await page.locator('#status').selectOption({ label: 'Inactive' });
    if (!hasJavaScript()) await follow(page.getByRole('button', { name: 'Search' }));
    await expect(page).toHaveURL(/q=example\.com&status=inactive/);
    await expect(rows.filter({ hasText: 'Inactive' }).first()).toBeVisible();
    await expect(rows.filter({ hasNotText: 'Inactive' })).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('searchbox')).toHaveValue('example.com');
    await expect(page.locator('#status')).toHaveValue('inactive');
    await expect(rows.filter({ hasNotText: 'Inactive' })).toHaveCount(0);
    await page.goto('/clients?after=nonsense&status=nonsense');
    await expect(rows).toHaveCount(50);
  });

  test('a slash leads to the search, which answers while one types @js', async ({ page, desk }) => {
    const { name } = await desk.client();
    await as(page, 'staff@demo.test');
    await page.goto('/clients');
    await page.keyboard.press('/');
    await expect(page.getByRole('searchbox')).toBeFocused();
    await page.keyboard.type(name);
    await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(2);
    await expect(page.getByRole('status').filter({ hasText: '1 client' })).toBeAttached();
    await expect(page.getByRole('searchbox')).toBeFocused();
  });

  test('the status is changed in the list', async ({ page, desk }) => {
    const client = await desk.client();
    await as(page, 'staff@demo.test');
    await find(page, client.name);
    const row = page.getByRole('row', { name: client.name });
    await expect(row).toContainText('Active');
    await row.locator('summary').click();
    expect(await follow(row.getByRole('button', { name: 'Make inactive' }))).toBe(200);
    await toast(page, 'Status changed.');
    await expect(page).toHaveURL(new RegExp(`q=${client.first}`));
    await expect(row).toContainText('Inactive');
  });
});

test.describe('a practitioner', () => {
  test('sees assigned clients, their alert, and never their notes', async ({ page, desk }) => {
    const priya = await desk.practitionerId('Dr. Priya Raman');
    const [secret, alert] = [`secret ${word()}`, `Allergic to ${word()}`];
    const client = await desk.client({}, { 'practitioners[]': priya, notes: secret, alert });
    const stranger = await desk.client();
    const { url } = await desk.book(client, null, { practitioner: 'Dr. Priya Raman' });
    await as(page, 'practitioner@demo.test');
    await page.goto(`/clients/mine?q=${client.first}`);
    await expect(page.getByRole('row', { name: client.name })).toContainText('Alert');
    await follow(page.getByRole('link', { name: client.name, exact: true }));
    await expect(page.getByRole('note')).toHaveText(`Alert: ${alert}`);
    for (const path of [client.url, `${client.url}/edit`, url]) {
      expect((await page.goto(path))?.status()).toBe(200);
      expect(await page.content()).not.toContain(secret);
    }
    await expect(page.getByRole('note')).toHaveText(`Alert: ${alert}`);
    await page.goto(`/clients/mine?q=${stranger.number}`);
    await expect(page.getByRole('link', { name: stranger.name })).toHaveCount(0);
    expect((await page.goto(stranger.url))?.status()).toBe(404);

    await as(page, 'staff@demo.test');
    await page.goto(client.url);
    await expect(section(page, 'Additional information')).toContainText(secret);
  });

  test('finds the clients they create among their own', async ({ page }) => {
    const client = person(word(), word());
    await as(page, 'practitioner@demo.test');
    await page.goto('/clients/mine');
    const form = await openForm(page.getByRole('link', { name: 'New client' }));
    await expect(form.getByLabel('Additional information')).toHaveCount(0);
    await expect(form.getByLabel('Send portal invitation')).toHaveCount(0);
    await fillClient(form, client);
    expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
    await page.goto(`/clients/mine?q=${client.first}`);
    await follow(page.getByRole('link', { name: client.name, exact: true }));
    await expect(section(page, 'Practitioners')).toContainText('Dr. Priya Raman');
  });
});
