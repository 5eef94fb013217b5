// What messages say, who agreed to them, and the calls that take their place.
import { as, expect, follow, test, word } from '../fixtures.ts';
import { field, openMail, problem, section, toast } from './steps.ts';

test('a text is previewed, refused, saved, compared and put back', async ({ page }) => {
  await as(page, 'admin@demo.test');
  const here = '/settings/messages/declined/email/fr';
  const body = page.getByLabel('Text', { exact: true });
  await page.goto('/settings/messages');
  await expect(page.getByRole('row', { name: /^Request declined/ }).first().getByRole('link', { name: 'Français' })).toHaveCount(2);
  await page.goto(here);
  const original = await body.inputValue();
  await body.fill('Bonjour {first_name}, voici {wen}.');
  expect(await follow(page.getByRole('button', { name: 'Save', exact: true }))).toBe(422);
  expect(await problem(body)).toContain('{wen}');
  await expect(body).toHaveValue('Bonjour {first_name}, voici {wen}.');

  const mark = word();
  await body.fill(`Bonjour {first_name}, ${mark}.`);
  expect(await follow(page.getByRole('button', { name: 'Preview' }))).toBe(200);
  await expect(section(page, 'Preview')).toContainText(`Bonjour Mia, ${mark}.`);
  await expect(section(page, 'As plain text')).toContainText('Quand : ');
  // Nothing is saved by looking at it.
  await expect(body).toHaveValue(`Bonjour {first_name}, ${mark}.`);
  expect(await follow(page.getByRole('button', { name: 'Save', exact: true }))).toBe(200);
  await toast(page, 'Text saved. Messages use it from now on.');
  await expect(section(page, 'Versions')).toContainText('In use');

  expect(await follow(page.getByRole('button', { name: 'Send a test to me' }))).toBe(200);
  await toast(page, 'Test email on its way to you.');
  await openMail(page, 'admin@demo.test', /Demande de rendez-vous refusée/);
  await expect(page.getByRole('region', { name: 'Text' })).toContainText(mark);

  await page.goto(here);
  expect(await follow(page.getByRole('button', { name: /Back to the original/ }))).toBe(200);
  await expect(body).toHaveValue(original);
});

test('the calendar leads to the call list for tomorrow', async ({ page }) => {
  await as(page, 'staff@demo.test');
  await page.goto('/calendar');
  await follow(page.getByRole('link', { name: 'Call list' }));
  await expect(page.getByRole('heading', { name: 'Call list', level: 1 })).toBeVisible();
  await expect(page.getByText(/^Tomorrow, /)).toBeVisible();
  await as(page, 'practitioner@demo.test');
  expect((await page.goto('/calendar/calls'))?.status()).toBe(403);
});

test('a note is kept on the card of a prospect, with its author', async ({ page, desk }) => {
  const pia = await desk.client({}, { status: 'prospect' });
  await as(page, 'staff@demo.test');
  await page.goto('/clients/prospects');
  const mark = `Asked about Mondays ${word()}`;
  const card = page.getByRole('listitem').filter({ hasText: pia.name });
  await card.locator('summary', { hasText: 'Notes' }).click();
  await card.getByLabel('Text').fill(mark);
  expect(await follow(card.getByRole('button', { name: 'Add' }))).toBe(200);
  await toast(page, 'Note saved.');
  await card.locator('summary', { hasText: 'Notes' }).click();
  await expect(card).toContainText(mark);
  await expect(card).toContainText('Note by');
});

test('consents are logged on the profile', async ({ page, desk }) => {
  const client = await desk.client();
  await as(page, 'staff@demo.test');
  await page.goto(client.url);
  await expect(section(page, 'Consent history')).toContainText('Email on: by');
  await page.goto(`${client.url}/edit`);
  await field(page, 'Email').fill(`${word()}@demo.test`);
  await follow(page.getByRole('button', { name: 'Save' }));
  await page.goto(client.url);
  await expect(section(page, 'Consent history')).toContainText('Email off: by');
  await expect(section(page, 'Consent history')).toContainText('change of address');
});
