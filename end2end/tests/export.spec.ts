// Clients as a file: what the list shows, what is ticked, and nothing that may not be seen.
import { as, expect, hasJavaScript, test, word, type Client } from '../fixtures.ts';
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';

async function saved(page: Page, button: Locator): Promise<[name: string, text: string]> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
}

async function open(page: Page, within: Locator, name: string): Promise<Locator> {
  const details = within.locator('details').filter({ has: page.locator('summary', { hasText: name }) });
  await details.locator('summary').click();
  return details;
}

test('the list as CSV: its columns, formulas marked, names in every script', async ({ page, desk }) => {
  const last = `=cmd ${word()}`;
  const client = await desk.client({ first: 'Zoë 🦊', last, email: false }, { mobile: '+1-416-555-0123' });
  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${client.number}`);
  const menu = await open(page, page.locator('.list-head'), 'Export');
  const [name, text] = await saved(page, menu.getByRole('link', { name: 'CSV, these columns' }));
  expect(name).toMatch(/^clients-\d{4}-\d\d-\d\d\.csv$/);
  expect(text.startsWith('\u{FEFF}Number,Code,Status,')).toBe(true);
  expect(text).toContain(`Zoë 🦊,'${last}`);
  expect(text).toContain("'+1-416-555-0123");
  const [, all] = await saved(page, menu.getByRole('link', { name: 'CSV, every column' }));
  expect(all).toContain('Additional information');
});

test('the selection, as CSV and as Excel', async ({ page, desk }) => {
  const last = word() + word().toLowerCase();
  const clients: Client[] = [];
  for (const first of ['Ada', 'Bo', 'Cy']) clients.push(await desk.client({ first, last }));
  await as(page, 'staff@demo.test');
  await page.goto(`/clients?q=${last}`);
  for (const client of clients.slice(0, 2)) await page.getByRole('checkbox', { name: `Select ${client.name}` }).check();
  const menu = await open(page, page.locator('#selection'), 'Export');
  const [, text] = await saved(page, menu.getByRole('button', { name: 'CSV, these columns' }));
  expect(text).toContain(clients[0]!.email);
  expect(text).toContain(clients[1]!.email);
  expect(text).not.toContain(clients[2]!.email);
  const [name, sheet] = await saved(page, menu.getByRole('button', { name: 'Excel, these columns' }));
  expect(name).toMatch(/\.xlsx$/);
  expect(sheet.startsWith('PK')).toBe(true);
  // The selection is still there.
  if (hasJavaScript()) await expect(page.getByText('2 selected')).toBeVisible();
});

test('a practitioner’s file has those assigned, and never notes', async ({ page, desk }) => {
  const priya = await desk.practitionerId('Dr. Priya Raman');
  const secret = `secret ${word()}`;
  const mine = await desk.client({}, { 'practitioners[]': priya, notes: secret });
  const stranger = await desk.client({}, { notes: secret });
  await as(page, 'practitioner@demo.test');
  for (const address of ['/clients/export.csv', '/clients/export.csv?columns=notes,email,number', '/clients/export.csv?mine=1']) {
    const text = await (await page.request.get(address)).text();
    expect(text).toContain(mine.email);
    expect(text).not.toContain(stranger.email);
    expect(text).not.toContain(secret);
  }
});
