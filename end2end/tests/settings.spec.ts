// The settings: what can be booked, when, and what is written to clients.
import { as, axe, expect, follow, hasJavaScript, test, word } from '../fixtures.ts';
import { field, openMail, problem, section, toast } from './steps.ts';

test.beforeEach(async ({ page }) => {
  await as(page, 'admin@demo.test');
});

test('a service is made, changed and withdrawn', async ({ page, open }) => {
  const name = `Massage ${word()}`;
  const save = () => follow(page.getByRole('button', { name: 'Save service' }));
  await page.goto('/settings');
  await follow(page.getByRole('link', { name: 'Services' }));
  await follow(page.getByRole('link', { name: 'New service' }));
  await field(page, 'Duration').fill('four');
  await page.getByLabel('Buffer').fill('999');
  await field(page, 'Price').fill('-1');
  await page.getByRole('checkbox', { name: 'Dr. Priya Raman' }).check();
  expect(await save()).toBe(422);
  const wrong = { Name: /^Enter /, Duration: /Enter a number/, Buffer: /from 0 to 240/, Price: /from 0|Enter a number/ };
  for (const [label, words] of Object.entries(wrong)) expect(await problem(field(page, label))).toMatch(words);
  await expect(page.getByLabel('Buffer')).toHaveValue('999');
  await expect(page.getByRole('checkbox', { name: 'Dr. Priya Raman' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Grace Liu' })).not.toBeChecked();

  await field(page, 'Name').fill(name);
  await field(page, 'Description').fill('</textarea><b>Warm</b> oil & stones');
  await field(page, 'Duration').fill('55');
  await page.getByLabel('Buffer').fill('5');
  await field(page, 'Price').fill('99.5');
  expect(await save()).toBe(200);
  await toast(page, 'Service saved.');
  const row = page.getByRole('row', { name });
  await expect(row).toContainText('99.50');
  await expect(row).toContainText('Dr. Priya Raman');

  const portal = await open('unlinked@demo.test');
  await portal.goto('/book');
  await expect(portal.getByRole('link', { name })).toContainText('55 min');

  await follow(row.getByRole('link', { name }));
  await expect(field(page, 'Description')).toHaveValue('</textarea><b>Warm</b> oil & stones');
  await field(page, 'Price').fill('110');
  await page.getByLabel('Active').uncheck();
  expect(await save()).toBe(200);
  await expect(row).toContainText('110.00');
  await expect(row).toContainText('Inactive');
  await portal.reload();
  await expect(portal.getByRole('link', { name })).toHaveCount(0);
});

test('hours are checked day by day', async ({ page }) => {
  // One practitioner for each project, for both may run at the same time; Sundays, for no one books them.
  const who = hasJavaScript() ? 'Tomás Ferreira' : 'Grace Liu';
  const save = () => follow(page.getByRole('button', { name: 'Save working hours' }));
  const cell = (words: string) => page.getByLabel(`Sunday, ${words}`, { exact: true });
  await page.goto('/settings/practitioners');
  await follow(page.getByRole('row', { name: who }).getByRole('link', { name: 'Schedule' }));
  await cell('from').fill('10:00');
  await cell('to').fill('09:00');
  await cell('again from').fill('15:00');
  await cell('again to').fill('');
  expect(await save()).toBe(422);
  expect(await problem(cell('to'))).toBe('The end must be after the start.');
  expect(await problem(cell('again to'))).toBe('Enter Sunday, again to.');
  await expect(page.locator('input[aria-invalid="true"]')).toHaveCount(2);
  await expect(cell('from')).toHaveValue('10:00');
  await expect(cell('to')).toHaveValue('09:00');
  await expect(page.getByLabel('Tuesday, from', { exact: true })).not.toHaveValue('');

  await cell('to').fill('15:30');
  await cell('again to').fill('16:00');
  expect(await save()).toBe(422);
  expect(await problem(cell('again from'))).toBe('This overlaps another period on the same day.');
  await cell('to').fill('11:00');
  expect(await save()).toBe(200);
  await toast(page, 'Working hours saved.');
  await expect(cell('again to')).toHaveValue('16:00');
  for (const words of ['from', 'to', 'again from', 'again to']) await cell(words).fill('');
  expect(await save()).toBe(200);
  await expect(cell('from')).toHaveValue('');
});

test('notes on staff are for the front desk alone', async ({ page, open }) => {
  const note = `Has the keys 🔑 </textarea> ${word()}`;
  // One person for each project, for both may run at the same time.
  const who = hasJavaScript() ? 'Grace Liu' : 'Tomás Ferreira';
  await page.goto('/settings');
  await follow(page.getByRole('link', { name: /^Team/ }));
  for (const email of ['admin@demo.test', 'staff@demo.test']) await expect(page.getByRole('row').filter({ hasText: email })).toBeVisible();
  await axe(page);
  await follow(page.getByRole('row', { name: who }).getByRole('link', { name: who }));
  const notes = field(page, 'Additional information');
  await notes.fill(note);
  expect(await follow(page.getByRole('button', { name: 'Save notes' }))).toBe(200);
  await toast(page, 'saved');
  await expect(notes).toHaveValue(note);
  await axe(page);
  const practitioner = await open('practitioner@demo.test');
  for (const address of ['/settings/team', new URL(page.url()).pathname]) {
    expect((await practitioner.goto(address))?.status()).toBe(403);
    expect(await practitioner.content()).not.toContain('Has the keys');
  }
});

test('the welcome email is the practice’s own', async ({ page, desk }) => {
  const mark = `Reference ${word()}`;
  const text = page.getByLabel('Text', { exact: true });
  /** Somebody else, who runs at the same time, may be faster: theirs is then shown beside ours. */
  const save = async (body: string) => {
    let status = 409;
    while (status === 409) {
      await text.fill(body);
      status = await follow(page.getByRole('button', { name: 'Save welcome email' }));
      if (status === 409) await expect(section(page, 'What is saved now')).toBeVisible();
    }
    return status;
  };
  await page.goto('/settings/welcome');
  const body = (await text.inputValue()).replaceAll(/\n*Reference \w+/g, '').trim();
  await text.fill('Hello {first_name}, come in.');
  expect(await follow(page.getByRole('button', { name: 'Save welcome email' }))).toBe(422);
  expect(await problem(text)).toBe('The text must contain {link}.');
  await expect(text).toHaveValue('Hello {first_name}, come in.');

  expect(await save(`${body}\n\n${mark} <b>&</b>`)).toBe(200);
  await toast(page, 'Welcome email saved.');
  const preview = section(page, 'Preview');
  await expect(preview).toContainText('Hello Mia,');
  await expect(preview).toContainText('Reference');
  await expect(preview).not.toContainText('{link}');
  const client = await desk.client();
  const link = await desk.invite(client);
  expect(link).toMatch(/^\/claim\//);
  await desk.mailed(client.email, new RegExp(`Hello (<!>)?${client.first},`));
  expect(await save(body)).toBe(200);
});

test('the outbox shows what became of each mail, to administrators', async ({ page, desk }) => {
  const client = await desk.client();
  await desk.book(client);
  await openMail(page, client.email, /Appointment confirmed/);
  const mail = page.url();
  await expect(page.getByText('This was not sent, as the server has no SMTP.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Text' })).toContainText(`For: ${client.name}`);
  await follow(page.getByRole('link', { name: 'Outbox' }));
  await page.getByLabel('State').selectOption({ label: 'Failed' });
  await follow(page.getByRole('button', { name: 'Show' }));
  await expect(page).toHaveURL(/state=failed/);
  await expect(page.getByText(client.email)).toHaveCount(0);

  for (const email of ['staff@demo.test', 'practitioner@demo.test']) {
    await as(page, email);
    for (const path of ['/settings/outbox', mail, '/settings/welcome', '/settings/services/new']) {
      expect((await page.goto(path))?.status(), `${email} at ${path}`).toBe(403);
      await expect(page.getByRole('heading', { name: 'Not permitted' })).toBeVisible();
    }
  }
  await as(page, 'staff@demo.test');
  await page.goto('/settings');
  await expect(page.getByRole('link', { name: 'Services' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Outbox' })).toHaveCount(0);
  await as(page, 'parent@demo.test');
  for (const path of ['/settings', '/settings/outbox', mail, '/clients', '/calendar', '/appointments/new', client.url]) {
    expect([403, 404], path).toContain((await page.goto(path))?.status());
  }
});
