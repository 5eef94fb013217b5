// Code-only mode: each client is known by their code, and nothing that names them
// is asked for, stored, shown, mailed or exported. In practices of its own, for it cannot be undone.
import { as, axe, between, expect, follow, hasJavaScript, login, word, type Booked, type Client } from '../fixtures.ts';
import { ADMIN, practice } from '../practice.ts';
import { field, openForm, problem, quickAdd, refused, section, toast, unfold } from './steps.ts';
import type { Page } from '@playwright/test';

const test = practice('demo');
const fromTheFirstDay = practice('code-only');

/** Codes that no test has twice. */
const aCode = () => word().slice(0, 3).toUpperCase() + between(100, 1000);

const turnOn = (page: Page) => page.getByRole('button', { name: /^Turn on/ });

test.describe('turned on', () => {
  test.describe.configure({ mode: 'serial' });
  let known: { client: Client; code: string; booked: Booked };

  test('it shows what would go, asks, and takes it away for good', async ({ page, open, desk }) => {
    const code = aCode();
    const client = await desk.member();
    await desk.send('/fn/clients/create', { first_name: word(), zone: 'America/Toronto', code });
    known = { client, code, booked: await desk.book(client) };
    await desk.mailed(client.email, /confirmed|booked/i);
    const portal = await open(client.email);
    await portal.goto('/my/appointments');

    await as(page, 'admin@demo.test');
    await page.goto('/settings/practice');
    await expect(page.getByText(/^names or contact details of \d+ clients/)).toBeVisible();
    expect(await follow(turnOn(page))).toBe(422);
    expect(await problem(page.getByLabel(/^Remove the names/))).toBe('Tick this to confirm.');
    await page.goto(client.url);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(client.name);

    await page.goto('/settings/practice');
    await page.getByLabel(/^Remove the names/).check();
    await axe(page);
    expect(await follow(turnOn(page))).toBe(200);
    await expect(page.getByRole('button', { name: 'Turn code-only mode off' })).toBeVisible();
    await axe(page);

    // Their log-in was their address: it is gone, and no one registers.
    await portal.reload();
    await expect(portal).toHaveURL(/\/login/);
    await expect(portal.getByRole('link', { name: 'Register' })).toHaveCount(0);
    expect((await portal.goto('/register'))?.status()).toBe(404);
  });

  test('no page, file or mail has a name or an address any more', async ({ page }) => {
    const { client, booked } = known;
    await as(page, 'admin@demo.test');
    const addresses = [
      '/clients',
      client.url,
      `${client.url}/edit`,
      booked.url,
      ...['day', 'list', 'week', 'month', 'agenda', 'print'].map((view) => `/calendar?view=${view}&date=${booked.start.toISOString().slice(0, 10)}`),
      '/clients/duplicates',
      '/clients/prospects',
      '/settings/outbox',
      '/clients/export.csv',
      '/clients/export.csv?columns=first_name,last_name,email,mobile,number',
    ];
    for (const address of addresses) {
      const answer = await page.request.get(address);
      expect(answer.status(), address).toBeLessThan(400);
      const text = await answer.text();
      for (const name of [client.first, client.last, client.email, 'Okafor']) {
        expect(text.includes(name), `${name} in ${address}`).toBe(false);
      }
    }
    for (const name of [client.last, client.email]) {
      await page.goto(`/clients?q=${encodeURIComponent(name)}`);
      await expect(page.getByRole('rowheader')).toHaveCount(0);
    }
  });

  test('a client is created by a code, and found by it', async ({ page }) => {
    const code = aCode();
    await as(page, 'staff@demo.test');
    await page.goto('/calendar');
    let form = await quickAdd(page);
    await expect(field(form, 'Client code')).toBeVisible();
    for (const label of ['First name', 'Last name', 'Email', 'Mobile number', 'Send portal invitation']) {
      await expect(form.getByLabel(label)).toHaveCount(0);
    }
    for (const summary of ['Client details', 'Coverage and insurance']) await unfold(form, summary);
    for (const label of ['Address', 'Health card number', 'Veteran ID']) await expect(form.getByLabel(label)).toHaveCount(0);
    await axe(page);
    await field(form, 'Client code').fill(code.toLowerCase());
    expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(new RegExp(code, 'i'));
    await axe(page);

    form = await quickAdd(page);
    await field(form, 'Client code').fill(code);
    expect(await refused(form.getByRole('button', { name: 'Create client' }))).toBe(422);
    expect(await problem(field(form, 'Client code'))).toMatch(/already|taken|used/i);

    // Left blank, one is made.
    await field(form, 'Client code').fill('');
    expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(/[A-Z0-9]{2,6}/i);

    await page.goto('/clients');
    const search = page.getByRole('searchbox', { name: 'Search' });
    await expect(search).toHaveAttribute('placeholder', 'Code or number');
    await search.fill(code);
    if (!hasJavaScript()) await follow(page.getByRole('button', { name: 'Search' }));
    await expect(page.getByRole('rowheader')).toHaveCount(1);
    await expect(page.getByRole('rowheader')).toContainText(new RegExp(code, 'i'));
    await axe(page);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test('a couple is made of codes, and one of them is new', async ({ page }) => {
    const [couple, member] = [aCode(), aCode()];
    await as(page, 'staff@demo.test');
    await page.goto('/clients/new?kind=couple');
    await expect(field(page, 'Name')).toHaveCount(0);
    await field(page, 'Code').first().fill(couple);
    const fields = page.getByRole('group', { name: 'New client 1' });
    await expect(fields.getByLabel('First name')).toHaveCount(0);
    await fields.getByLabel('Code').fill(member);
    await axe(page);
    expect(await follow(page.getByRole('button', { name: 'Create couple' }))).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(new RegExp(couple, 'i'));
    await expect(page.getByRole('list', { name: 'Members', exact: true })).toContainText(new RegExp(member, 'i'));
  });

  test('a file’s names are not even offered, and none are stored', async ({ page }) => {
    const [code, name] = [aCode(), word()];
    const rows = ['Client code,First name,Last name,E-mail,Additional information', `${code},${name},Doe,${name}@example.com,Left-handed`];
    await as(page, 'staff@demo.test');
    await page.goto('/clients/import');
    await page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
    await follow(page.getByRole('button', { name: 'Upload' }));
    await expect(page.getByLabel('Client code')).toHaveValue('code');
    for (const heading of ['First name', 'Last name', 'E-mail']) {
      await expect(page.getByLabel(heading, { exact: true })).toHaveValue('');
      await expect(page.getByLabel(heading, { exact: true }).locator('option[value="first_name"], option[value="email"]')).toHaveCount(0);
    }
    await expect(page.getByLabel('How to import parents')).toHaveCount(0);
    await axe(page);
    await follow(page.getByRole('button', { name: 'Check all rows' }));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check before importing', { timeout: 40_000 });
    await follow(page.getByRole('button', { name: 'Import 1 client' }));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Imported', { timeout: 40_000 });

    const file = await (await page.request.get(`/clients/export.csv?columns=all&q=${code}`)).text();
    const [heads, row] = file.split('\r\n');
    expect(heads).not.toMatch(/ name|email|mobile|phone|address|card|veteran|emergency/i);
    expect(row).toMatch(new RegExp(code, 'i'));
    expect(file).not.toContain(name);
    await page.goto(`/clients?q=${code}`);
    await follow(page.getByRole('rowheader').getByRole('link'));
    expect(await page.content()).not.toContain(name);
  });

  test('the client of an appointment is a code, and no email is sent', async ({ page, desk }) => {
    await as(page, 'staff@demo.test');
    await page.goto(`/clients?q=${known.code}`);
    await follow(page.getByRole('rowheader').getByRole('link'));
    await expect(section(page, 'Appointments')).toContainText('Book the first one here.');
    await expect(section(page, /^Portal$/)).toContainText('Code-only mode: no emails or logins.');
    const number = new URL(page.url()).pathname.split('/').pop()!;
    const { url } = await desk.book({ number, name: known.code, first: '', last: '', email: '', url: page.url() });
    await page.goto(url);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(new RegExp(known.code, 'i'));
    await axe(page);
    await as(page, 'admin@demo.test');
    await page.goto('/settings/outbox');
    await expect(page.getByRole('main')).not.toContainText('@example.com');
    await expect(page.getByRole('cell', { name: /@/ })).toHaveCount(0);
  });

  test('turned off, names are asked for again, and those that went stay away', async ({ page }) => {
    await as(page, 'admin@demo.test');
    await page.goto('/settings/practice');
    await follow(page.getByRole('button', { name: 'Turn code-only mode off' }));
    await expect(turnOn(page)).toBeVisible();
    await page.goto('/clients/new');
    await expect(page.getByLabel('First name')).toBeVisible();
    await page.goto(known.client.url);
    await expect(page.getByRole('heading', { level: 1 })).not.toContainText(known.client.last);
  });
});

fromTheFirstDay('a practice is set up in it, with a sheet for codes to be kept outside', async ({ page }) => {
  await login(page, ADMIN);
  await page.goto('/clients');
  await axe(page);
  const form = await openForm(page.getByRole('main').getByRole('link', { name: 'New client' }).first());
  await expect(form.getByLabel('First name')).toHaveCount(0);
  await follow(form.getByRole('link', { name: 'Code sheet' }));
  await expect(page.getByRole('columnheader', { name: 'Code' })).toBeVisible();
  await axe(page);
  const sheet = await page.request.get('/clients/code-sheet.csv');
  expect(await sheet.text()).toMatch(/^\uFEFFCode,Name/);

  const code = aCode();
  await page.goto('/clients/new');
  await field(page, 'Client code').fill(code);
  expect(await follow(page.getByRole('button', { name: 'Create client' }))).toBe(200);
  await toast(page, 'Client created.');
  await page.goto('/clients');
  await expect(page.getByRole('rowheader')).toHaveText(new RegExp(code, 'i'));
  await page.goto('/settings/practice');
  await expect(page.getByRole('button', { name: 'Turn code-only mode off' })).toBeVisible();
});
