// The whole record of a client: every section filled in, refused, saved, edited by two at a time.
import { as, axe, expect, follow, test, word } from '../fixtures.ts';
import { field, problem, section, person, unfold } from './steps.ts';
import type { Page } from '@playwright/test';

const create = (page: Page) => follow(page.getByRole('button', { name: 'Create client' }));
const save = (page: Page) => follow(page.getByRole('button', { name: 'Save' }));

const SECTIONS = ['Client details', 'Contact information', 'Coverage and insurance', 'Tags'];

test.beforeEach(async ({ page }) => {
  await as(page, 'staff@demo.test');
});

test('every section is kept when a save is refused, stored when it is not', async ({ page }) => {
  const { first, last, email } = person(word(), word());
  const [tag, alert] = [word(), `Allergic to ${word()}`];
  await page.goto('/clients/new');
  for (const name of SECTIONS) await unfold(page, name);
  const typed: Record<string, string> = {
    'First name': first,
    'Last name': last,
    'Email': email,
    Pronouns: 'ze/hir',
    'Sex assigned at birth': 'In own words',
    'Date of birth': '2015-03-09',
    Address: '12 Elm Street\nToronto',
    'Unit': '4B',
    'Veteran ID': 'K-1',
    Alert: alert,
    'Type 1': 'School',
    'Number 1': '12',
    'Health card number': '1234-567-890',
    'Health card version': 'AB',
    'Health card expires': '2020-01-31',
    'Case number': 'C-77',
    'Sessions needed': '12',
    'Billing notes': 'Twice\na month',
    'New tags': `${tag}, 🙂`,
  };
  for (const [label, text] of Object.entries(typed)) await field(page, label).fill(text);
  await field(page, 'Contact’s name').first().fill('Grace </textarea><script>');
  await field(page, 'Relationship').first().fill('Mother');
  await field(page, 'Gender').selectOption({ label: 'Non-binary' });
  await field(page, 'Qualified').selectOption({ label: 'Yes' });
  await field(page, 'Health card province').selectOption({ label: 'Ontario' });
  await page.getByLabel('Make phone calls').check();

  expect(await create(page)).toBe(422);
  expect(await problem(field(page, 'Number 1'))).toMatch(/Enter a phone number/);
  expect(await problem(field(page, 'Health card number'))).toMatch(/check digit doesn’t match/);
  for (const [label, text] of Object.entries(typed)) await expect(field(page, label)).toHaveValue(text);
  await expect(field(page, 'Contact’s name').first()).toHaveValue('Grace </textarea><script>');
  await expect(page.getByLabel('Make phone calls')).toBeChecked();
  await axe(page);

  await field(page, 'Number 1').fill('416 555 0177');
  await field(page, 'Health card number').fill('1234-567-897');
  expect(await create(page)).toBe(200);
  await expect(page.locator('.alert')).toContainText(alert);
  const details = section(page, 'Details');
  for (const words of ['Non-binary', 'ze/hir', 'In own words', '9 March 2015', '6 to 12', 'K-1']) {
    await expect(details).toContainText(words);
  }
  const contact = section(page, 'Contact');
  for (const words of [email, '416 555 0177', 'Grace </textarea><script> (Mother)', 'Unit 4B']) {
    await expect(contact).toContainText(words);
  }
  const coverage = section(page, 'Coverage');
  for (const words of ['Ontario', '1234-567-897 AB', 'Format and check digit checked', 'Expired', 'C-77', '12']) {
    await expect(coverage).toContainText(words);
  }
  await expect(details.getByRole('link', { name: tag })).toHaveAttribute('href', /\/clients\?tag=/);
});

test('rows are changed and blanked away', async ({ page, desk }) => {
  const client = await desk.client({}, {
    'phones.0.label': 'Work',
    'phones.0.number': '416 555 0101',
    'phones.1.label': 'Home',
    'phones.1.number': '416 555 0102',
    'contacts.0.name': 'Grace',
  });
  await page.goto(`${client.url}/edit`);
  await expect(field(page, 'Number 2')).toHaveValue('416 555 0102');
  await field(page, 'Type 1').fill('');
  await field(page, 'Number 1').fill('');
  await field(page, 'Contact’s name').first().fill('');
  await field(page, 'Contact’s name').nth(1).fill('Ruth');
  expect(await save(page)).toBe(200);
  const contact = section(page, 'Contact');
  await expect(contact).toContainText('416 555 0102');
  await expect(contact).toContainText('Ruth');
  await expect(contact).not.toContainText('416 555 0101');
  await expect(contact).not.toContainText('Grace');
});

test('two people who edit at the same time see both versions of every field', async ({ page, desk, open }) => {
  const client = await desk.client({}, { address: 'Old Road', case_number: 'C-1' });
  await page.goto(`${client.url}/edit`);
  await field(page, 'Address').fill('My Road');
  await unfold(page, 'Contact information');
  await field(page, 'Number 1').fill('416 555 0103');

  const other = await open('admin@demo.test');
  await other.goto(`${client.url}/edit`);
  await field(other, 'Address').fill('Their Road');
  await field(other, 'Case number').fill('C-2');
  await unfold(other, 'Contact information');
  await field(other, 'Contact’s name').first().fill('Ruth');
  await other.getByLabel('Send email').uncheck();
  expect(await save(other)).toBe(200);

  expect(await save(page)).toBe(409);
  const now = section(page, 'Stored now');
  for (const words of ['Their Road', 'Further phone numbers']) await expect(now).toContainText(words);
  await expect(now).not.toContainText('C-2');
  await expect(field(page, 'Address')).toHaveValue('My Road');
  await expect(field(page, 'Number 1')).toHaveValue('416 555 0103');
  await expect(field(page, 'Case number')).toHaveValue('C-2');
  // And a third time, while something is wrong.
  await field(page, 'Email').fill('no address');
  expect(await save(page)).toBe(422);
  await field(page, 'Email').fill(client.email);
  expect(await save(page)).toBe(200);
  const contact = section(page, 'Contact');
  for (const words of ['My Road', '416 555 0103', 'Ruth']) await expect(contact).toContainText(words);
  await page.goto(`${client.url}/edit`);
  await expect(field(page, 'Case number')).toHaveValue('C-2');
  await expect(page.getByLabel('Send email')).not.toBeChecked();
});

test('with every section open the form is accessible, and nothing sticks out', async ({ page, desk }) => {
  const client = await desk.client({}, {
    status: 'prospect',
    birth_date: '2015-03-09',
    alert: 'Nut allergy',
    'phones.0.label': 'Work',
    'phones.0.number': '416 555 0101',
    'contacts.0.name': 'Grace',
    'contacts.0.relationship': 'Mother',
    card_province: 'ON',
    card_number: '1234567897',
    notes: 'Confidential',
  });
  const everywhere = [...SECTIONS, 'Client information fields', 'Practitioners', 'Notes'];
  for (const [path, sections] of [['/clients/new', everywhere], [`${client.url}/edit`, [...everywhere, 'Prospect']]] as const) {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(path);
      for (const name of sections) await unfold(page, name);
      const folds = page.getByRole('main').locator('details.section');
      await expect(folds).toHaveCount(sections.length);
      for (const fold of await folds.all()) await expect(fold).toHaveAttribute('open', /.*/);
      await axe(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} at ${width}`).toBeLessThanOrEqual(width);
    }
  }
});

test('the code sheet is blank, on a page and as a file', async ({ page }) => {
  await page.goto('/clients/code-sheet');
  await expect(page.getByRole('columnheader', { name: 'Code' })).toBeVisible();
  const file = await page.request.get('/clients/code-sheet.csv');
  expect(file.headers()['content-type']).toContain('text/csv');
  expect(await file.text()).toMatch(/^\uFEFFCode,Name,[^\r]*\r\n,,,,,\r\n/);
});
