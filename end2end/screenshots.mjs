// Pictures of the main pages for the README, from the demo practice: `make screenshots` with a
// server of `make run` at KINDRED_URL (http://localhost:3000 by default).
import { chromium } from '@playwright/test';
import { mkdir } from 'node:fs/promises';

const base = process.env.KINDRED_URL ?? 'http://localhost:3000';
const folder = new URL('../docs/screenshots/', import.meta.url).pathname;
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
});

async function visit(login, options, shots) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(`${base}/login`);
  await page.getByLabel('Email or username').fill(login);
  await page.getByLabel('Password', { exact: true }).fill('kindred-demo-1');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
  for (const [name, path, then] of shots) {
    await page.goto(base + path);
    await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
    await then?.(page);
    await page.screenshot({ path: `${folder}${name}.png` });
    console.log(`docs/screenshots/${name}.png`);
  }
  await context.close();
}

const people = [
  'First name,Last name,Date of birth,E-mail,Mobile,Household,Parent,Parent email',
  'Noa,Berger,2015-04-12,,,Berger,Ruth Berger,ruth.berger@example.com',
  'Eli,Berger,2017-11-30,,,Berger,Ruth Berger,ruth.berger@example.com',
  'Hiroshi,Mori,1984-07-02,hiroshi.mori@example.com,416 555 0177,,,',
].join('\n');

const find = (name) => async (page) => {
  await page.goto(`${base}/clients?q=${encodeURIComponent(name)}`);
  await page.getByRole('rowheader').getByRole('link', { name }).first().click();
  await page.waitForURL(/\/clients\/\d+$/);
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
};

// A Tuesday to come: weekends are quiet in the demo.
const tuesday = new Date(Date.now() + ((9 - new Date().getDay()) % 7 || 7) * 86_400_000).toISOString().slice(0, 10);

await visit('staff@demo.test', {}, [
  ['calendar', `/calendar?date=${tuesday}`],
  ['month', `/calendar?view=month&date=${tuesday}`],
  ['new-appointment', '/clients', async (page) => {
    await find('Ana Okafor')(page);
    await page.goto(`${base}/appointments/new?client=${new URL(page.url()).pathname.split('/').pop()}`);
    await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
    const service = page.getByLabel('Service', { exact: true });
    const id = await service.locator('option', { hasText: 'Counselling session' }).getAttribute('value');
    await page.goto(`${page.url()}&service=${id}&from=${tuesday}`);
    await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  }],
  ['staffing', `/staffing?week=${tuesday}`],
  ['clients', '/clients'],
  ['window', '/clients', async (page) => {
    await page.getByRole('link', { name: 'New client' }).click();
    const window = page.getByRole('dialog');
    await window.getByLabel('First name').fill('Ana');
    await window.getByLabel('Last name').fill('Okafor');
    await window.getByText('Possible match. Is this the same person?').waitFor();
  }],
  ['profile', '/clients', find('Ana Okafor')],
  ['relationship', '/clients', async (page) => {
    await find('Ana Okafor')(page);
    await page.locator('.linked-card', { hasText: 'Mia' }).getByRole('link', { name: /change|edit/i }).click();
    await page.waitForURL(/\/links\//);
    await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  }],
]);
const book = async (page) => {
  await page.getByRole('link', { name: /Counselling session/ }).click();
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
};
await visit('practitioner@demo.test', {}, [['week', `/calendar?view=week&date=${tuesday}`]]);
await visit('admin@demo.test', {}, [
  ['report', '/reports'],
  ['family', '/clients', find('Okafor family')],
  ['import', '/clients/import', async (page) => {
    await page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(people) });
    await page.getByRole('button', { name: 'Upload' }).click();
    await page.getByRole('button', { name: 'Check all rows' }).waitFor();
  }],
]);
await visit('parent@demo.test', {}, [
  ['book', '/book', async (page) => {
    await book(page);
    await page.locator('a.time').first().click();
    await page.getByRole('dialog').waitFor();
  }],
]);
const phone = { viewport: { width: 390, height: 844 } };
await visit('parent@demo.test', phone, [['phone-book', '/book', book], ['phone-appointments', '/my/appointments']]);
await visit('staff@demo.test', { ...phone, colorScheme: 'dark' }, [['phone-calendar-dark', `/calendar?date=${tuesday}`]]);
await browser.close();
