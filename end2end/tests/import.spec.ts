// Clients from a file: upload, map the columns, check every row, import, undo.
import { as, axe, between, expect, follow, hasJavaScript, hydrated, test, word } from '../fixtures.ts';
import { openForm, refused, section, toast, unfold } from './steps.ts';
import type { Page } from '@playwright/test';

async function upload(page: Page, content: string | Buffer, name = 'people.csv'): Promise<number> {
  await page.goto('/clients/import');
  const buffer = typeof content === 'string' ? Buffer.from(content) : content;
  await page.getByLabel('CSV file').setInputFiles({ name, mimeType: 'text/csv', buffer });
  return follow(page.getByRole('button', { name: 'Upload' }));
}

/** Waits while a server works; without JavaScript the page loads itself anew. */
async function worked(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading, { timeout: 40_000 });
  await page.waitForLoadState();
  await hydrated(page);
}

async function check(page: Page): Promise<void> {
  await follow(page.getByRole('button', { name: 'Check all rows' }));
  await worked(page, 'Check before importing');
}

test.beforeEach(async ({ page }) => {
  await as(page, 'staff@demo.test');
});

test('a file is mapped, checked, imported and undone', async ({ page }) => {
  const last = word();
  const rows = [
    'Given name;Surname;D.O.B.;E-mail;Household;Parent;Parent email;Shoe size',
    `Mia;${last};31/03/2016;;${last};Ana ${last};ana.${last}@example.com;38`,
    `Leo;${last};01/02/2014;;${last};Ana ${last};ana.${last}@example.com;`,
    `;;32/13/2014;nobody;;;;`,
  ];
  expect(await upload(page, rows.join('\r\n'))).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Map the columns');
  await expect(page.getByLabel('Given name')).toHaveValue('first_name');
  await expect(page.getByLabel('Parent email')).toHaveValue('parent_email');
  await expect(page.getByLabel('Shoe size')).toHaveValue('');
  await expect(page.getByLabel('Order of dates')).toHaveValue('dmy');
  await page.getByLabel('How to import parents').selectOption('link');
  await page.getByText('Relationship (if parents get their own record)').click();
  await page.getByLabel('Book and manage appointments').check();
  await axe(page);
  await check(page);

  await expect(page.getByRole('heading', { name: '2 clients ready to import' })).toBeVisible();
  const bad = page.getByRole('row').filter({ hasText: '32/13/2014' });
  await expect(bad).toContainText('D.O.B.: “32/13/2014” is not a date');
  await expect(bad).toContainText('Given name: Enter a value.');
  await expect(bad).toContainText('Enter an email like');
  await axe(page);
  const file = await page.request.get(`${new URL(page.url()).pathname}/rows.csv?rows=bad`);
  expect(file.headers()['content-disposition']).toContain('rows-with-problems.csv');
  const text = await file.text();
  expect(text.split('\r\n')[0]).toBe('\uFEFFGiven name,Surname,D.O.B.,E-mail,Household,Parent,Parent email,Shoe size,Problem');
  expect(text).toContain('Line 4. ');

  // The file of the rows that are duplicates has no one in it.
  await page.goto(`${new URL(page.url()).pathname}?rows=duplicate`);
  await expect(page.getByText('No row looks like an existing record')).toBeVisible();
  await page.goto(`${new URL(page.url()).pathname}?rows=bad`);

  // The row with problems is left out knowingly.
  expect(await follow(page.getByRole('button', { name: 'Import 2 clients' }))).toBe(422);
  await page.getByLabel('Leave out the 1 row with problems').check();
  await follow(page.getByRole('button', { name: 'Import 2 clients' }));
  await worked(page, 'Imported');
  await expect(page.getByText('2 clients imported.')).toBeVisible();
  await axe(page);
  const result = new URL(page.url()).pathname;

  await page.goto(`/clients?q=${last}`);
  for (const name of [`Mia ${last}`, `Leo ${last}`, `Ana ${last}`]) {
    await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
  }
  await follow(page.getByRole('link', { name: `Mia ${last}`, exact: true }));
  await expect(section(page, /^History$/)).toContainText('imported the record from a file');
  await expect(section(page, 'Linked clients')).toContainText(`Ana ${last}`);

  await page.goto('/clients/import');
  await follow(page.getByRole('listitem').or(page.getByRole('row')).locator(`a[href="${result}"]`));
  await page.locator('summary', { hasText: 'Undo import' }).click();
  await follow(page.getByRole('button', { name: 'Delete them and undo the import' }));
  await worked(page, 'Import undone');
  await expect(page.getByText('4 records were deleted.')).toBeVisible();
  await page.goto(`/clients?q=${last}`);
  await expect(page.getByRole('link', { name: `Mia ${last}`, exact: true })).toHaveCount(0);
});

test('a household that is a family here is named, and may be others', async ({ page }) => {
  const last = word();
  const file = (first: string) => `First name,Last name,Household\n${first},${last},${last}`;
  const bring = async () => {
    await follow(page.getByRole('button', { name: 'Import 1 client' }));
    await worked(page, 'Imported');
  };
  await upload(page, file('Ada'));
  await check(page);
  const here = page.locator('.notice').filter({ hasText: 'is here already, by its name or code' });
  await expect(here).toHaveCount(0);
  await bring();
  await upload(page, file('Bo'));
  await check(page);
  await expect(here).toContainText(`1 member), for 1 row with “${last}”`);
  await expect(here.getByRole('link', { name: last })).toBeVisible();
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Import 1 client' }))).toBe(422);
  await expect(page.getByText(/^(Choose|Enter) what becomes of those rows\.$/).first()).toBeVisible();
  await axe(page);
  await here.getByLabel('What becomes of those rows').selectOption('new');
  await bring();
  await page.goto(`/clients?q=${last}&kind=family`);
  await expect(page.getByRole('row').filter({ has: page.getByRole('rowheader') })).toHaveCount(2);
});

test('a couple comes with its members in one file, and a third member is reported', async ({ page }) => {
  const last = word();
  const rows = [
    'Kind,Group name,First name,Last name,Household',
    `individual,,Ana,${last},The ${last}s`,
    `couple,The ${last}s,,,`,
    `individual,,Ben,${last},the ${last}s`,
    `individual,,Cy,${last},The ${last}s`,
  ];
  await upload(page, rows.join('\n'));
  await check(page);
  const third = page.getByRole('row').filter({ hasText: 'Cy' });
  await expect(third).toContainText('Household: A couple has two members: lines 2 and 4 are those of line 3.');
  await axe(page);
  await page.getByLabel('Leave out the 1 row with problems').check();
  await follow(page.getByRole('button', { name: 'Import 3 clients' }));
  await worked(page, 'Imported');
  await page.goto(`/clients?q=${last}&kind=couple`);
  await follow(page.getByRole('link', { name: `The ${last}s` }));
  const members = section(page, 'Members');
  await expect(members.getByRole('link', { name: `Ana ${last}`, exact: true })).toBeVisible();
  await expect(members.getByRole('link', { name: `Ben ${last}`, exact: true })).toBeVisible();
  await expect(page.getByText(`Cy ${last}`)).toHaveCount(0);
});

test('who stands in the way of undoing is named', async ({ page }) => {
  const last = word();
  await upload(page, `First name,Last name,Household\nAda,${last},${last}`);
  await check(page);
  await follow(page.getByRole('button', { name: 'Import 1 client' }));
  await worked(page, 'Imported');
  const imported = page.url();
  await page.goto(`/clients?q=${last}&kind=family`);
  await follow(page.getByRole('link', { name: last, exact: true }));
  await follow(section(page, 'Members').getByRole('button', { name: 'End membership today' }));
  await page.goto(imported);
  await unfold(page, 'Undo import…');
  await follow(page.getByRole('button', { name: 'Delete them and undo the import' }));
  const inTheWay = page.getByRole('region', { name: 'Can’t undo because of' });
  await expect(inTheWay.getByRole('link', { name: `Ada ${last}` })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('Nothing was deleted.')).toBeVisible();
  await axe(page);
});

test('likely duplicates are listed, and chosen for all or one by one', async ({ page, desk }) => {
  const last = word();
  const client = await desk.client({ first: 'Pat', last });
  const { email } = client;
  const rows = ['First name,Last name,E-mail,Client code', `Patricia,${last},${email},`, `New,${last},,`];
  await upload(page, rows.join('\n'));
  await check(page);
  await expect(page.getByRole('heading', { name: '1 client ready to import' })).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'Patricia' });
  await expect(row).toContainText(`no. ${client.number}): the same email address`);
  await expect(row.getByRole('checkbox')).not.toBeChecked();
  await page.getByLabel('All likely duplicates').selectOption('import');
  await follow(page.getByRole('button', { name: 'Keep these choices' }));
  await expect(page.getByRole('heading', { name: '2 clients ready to import' })).toBeVisible();
  await page.getByRole('row').filter({ hasText: 'Patricia' }).getByRole('checkbox').uncheck();
  await follow(page.getByRole('button', { name: 'Keep these choices' }));
  await expect(page.getByRole('heading', { name: '1 client ready to import' })).toBeVisible();
  await axe(page);
  await follow(page.getByRole('button', { name: 'Discard this file' }));
  await expect(page).toHaveURL(/\/clients\/import/);
});

test('files that cannot be read are refused with the line', async ({ page }) => {
  const cases: [string | Buffer, string, number][] = [
    ['', 'The file is empty.', 422],
    ['Name\n', 'no rows beneath', 422],
    ['Name,Note\nMia,"never closed\nLeo,\n', 'Line 2: a cell begins with a quotation mark', 422],
    [`Name\n${'x'.repeat(200_000)}\n`, 'Line 2: the cell in column 1 is longer', 422],
    [Buffer.from([0x50, 0x4b, 3, 4, 20]), 'This is a spreadsheet', 422],
  ];
  for (const [content, words, status] of cases) {
    expect(await upload(page, content)).toBe(status);
    await expect(page.getByRole('alert')).toContainText(words);
  }
  await axe(page);
  await page.goto('/clients/import');
  expect(await follow(page.getByRole('button', { name: 'Upload' }))).toBe(422);
  await expect(page.getByRole('alert')).toContainText('Choose a file first.');
});

test('another encoding, headings twice and ambiguous dates are said aloud', async ({ page }) => {
  const text = `Name,Date of birth,Phone,Phone\nZo\xe9 ${word()},3/4/2010,416 555 0100,416 555 0101\n`;
  await upload(page, Buffer.from(text, 'latin1'));
  await expect(page.getByText('It was read as Windows-1252')).toBeVisible();
  await expect(page.getByText('Some headings occur more than once')).toBeVisible();
  await expect(page.getByText('The dates are ambiguous')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Zoé' })).toHaveCount(1);
  await expect(page.getByLabel('Phone (1)')).toHaveValue('mobile');
  await expect(page.getByLabel('Phone (2)')).toHaveValue('phone');
  // Two columns cannot become the same, and nothing chosen is lost.
  await page.getByLabel('Phone (2)').selectOption('mobile');
  expect(await follow(page.getByRole('button', { name: 'Check all rows' }))).toBe(422);
  await expect(page.getByRole('alert').first()).toContainText('Column 4: Already used for another column.');
  await expect(page.getByLabel('Phone (2)')).toHaveValue('mobile');
  await axe(page);
});

test('a large file shows its progress and can be stopped', async ({ page }) => {
  test.slow();
  const last = word();
  const rows = Array.from({ length: 24_000 }, (_, n) => `Ann,${last}${n},ann${n}.${last}@example.com`);
  await upload(page, ['First name,Last name,E-mail', ...rows].join('\n'));
  await follow(page.getByRole('button', { name: 'Check all rows' }));
  await expect(page.getByRole('progressbar')).toBeVisible();
  await follow(page.getByRole('button', { name: 'Stop' }));
  await worked(page, 'Map the columns');
  await expect(page.getByText('It was stopped. Nothing was stored.')).toBeVisible();
  if (hasJavaScript()) await expect(page.getByRole('button', { name: 'Check all rows' })).toBeEnabled();
});

test('practitioners and clients import nothing', async ({ page }) => {
  await as(page, 'practitioner@demo.test');
  expect((await page.goto('/clients/import'))?.status()).toBe(403);
  await as(page, 'parent@demo.test');
  expect((await page.goto('/clients/import'))?.status()).toBe(404);
  const answer = await page.request.post('/fn/import/upload', { multipart: { request_key: crypto.randomUUID(), file: { name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('Name\nMia\n') } } });
  expect(answer.status()).toBe(404);
});

test('a row with problems is fixed in the create window', async ({ page }) => {
  const last = word();
  // No one else of this name was born then: anyone who may be the same is named first.
  const number = (from: number, many: number) => String(between(from, from + many)).padStart(2, '0');
  const born = `${number(1950, 60)}-${number(1, 12)}-${number(1, 28)}`;
  const rows = [
    'Given name,Surname,D.O.B.,E-mail,Household,Parent',
    `Mia,${last},2016-13-31,mia.${last}@example.com,The ${last}s,Ana ${last}`,
    `Leo,${last},2014-01-02,leo.${last}@example.com,,`,
    `Leo,${last},2014-01-02,leo.${last}@example.com,,`,
  ];
  await upload(page, rows.join('\r\n'));
  await check(page);
  // Anyone who looks like another row is a file of their own.
  await follow(page.getByRole('link', { name: 'Likely duplicates (1)' }));
  await expect(page.getByRole('link', { name: 'Download these rows' })).toBeVisible();
  const link = await page.getByRole('link', { name: 'Download these rows' }).getAttribute('href');
  const file = await page.request.get(link ?? '');
  expect(file.headers()['content-disposition']).toContain('likely-duplicates.csv');
  expect(await file.text()).toContain('Line 4. Line 3: the same name');

  await follow(page.getByRole('link', { name: 'With problems (1)' }));
  const form = await openForm(page.getByRole('link', { name: 'Fix line 2' }));
  await expect(form.getByText('“2016-13-31” is not a date').first()).toBeVisible();
  await expect(form.getByText(`The row names the household The ${last}s`)).toBeVisible();
  await expect(form.getByLabel('First name')).toHaveValue('Mia');
  await expect(form.getByLabel('Contact’s name').first()).toHaveValue(`Ana ${last}`);
  await axe(page);
  await form.getByLabel('Last name').fill('');
  await form.getByLabel('First name').fill('');
  expect(await refused(form.getByRole('button', { name: 'Create client' }))).toBe(422);
  await expect(form.getByText('“2016-13-31” is not a date').first()).toBeVisible();
  await form.getByLabel('First name').fill('Mia');
  await form.getByLabel('Last name').fill(last);
  await unfold(form, 'Client details');
  await form.getByLabel('Date of birth').fill(born);
  expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
  await toast(page, 'created');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check before importing');
  await expect(page.getByRole('link', { name: 'With problems (0)' })).toBeVisible();
  await expect(page.getByText('1 row matches an existing record')).toBeVisible();
  await follow(page.getByRole('link', { name: 'Already here (1)' }));
  await expect(page.getByText('fixed by hand, from this row')).toBeVisible();
  await axe(page);
  await follow(page.getByRole('button', { name: 'Import 1 client' }));
  await worked(page, 'Imported');
  await page.goto(`/clients?q=${last}`);
  await expect(page.getByRole('link', { name: `Mia ${last}`, exact: true })).toHaveCount(1);
});
