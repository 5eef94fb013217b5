// The three ways to part with someone: make inactive, delete, erase.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { section, toast } from './steps.ts';
import type { Page } from '@playwright/test';

/** Clears what refers to the record: asked for, and confirmed. */
async function clear(page: Page, words: string | RegExp): Promise<void> {
  const list = page.getByRole('list', { name: 'What refers to this record' });
  await list.locator('summary', { hasText: words }).click();
  await follow(list.getByRole('button', { name: words }));
}

test('a record made by mistake is deleted once nothing refers to it', async ({ page, desk, open }) => {
  const [mistake, parent] = [await desk.member(), await desk.client()];
  await desk.link(parent, mistake, ['book']);
  await desk.book(mistake);
  await as(page, 'staff@demo.test');
  await page.goto(`${mistake.url}/delete`);
  const list = page.getByRole('list', { name: 'What refers to this record' });
  for (const words of ['1 upcoming appointment', '1 linked person', '1 portal account']) await expect(list).toContainText(words);
  await expect(page.getByRole('button', { name: /^Delete this/ })).toHaveCount(0);
  await axe(page);

  for (const button of ['Cancel it', 'Remove the relationship', 'Remove portal account']) {
    await clear(page, button);
    await toast(page, 'Done.');
  }
  await desk.mailed(mistake.email, /Appointment cancelled/);
  await expect(async () => {
    await page.goto(`${mistake.url}/delete`);
    await clear(page, 'Remove its record');
    await expect(list).not.toContainText('cancelled appointment', { timeout: 1 });
  }).toPass();
  // Administrators see which mails these are.
  const administrator = await open('admin@demo.test');
  await administrator.goto(`${mistake.url}/delete`);
  await follow(administrator.getByRole('link', { name: /emails? to or about them/ }));
  const mails = administrator.locator('tbody').getByRole('row');
  await expect(mails.filter({ hasText: mistake.email }).first()).toBeVisible();
  // To them, or to the parent about them.
  await expect(mails.filter({ hasNotText: mistake.email }).filter({ hasNotText: parent.email })).toHaveCount(0);
  await axe(administrator);
  await clear(page, /Remove the emails?/);

  await expect(page.getByText('Nothing else refers to this record.')).toBeVisible();
  await axe(page);
  await follow(page.getByRole('button', { name: 'Delete this client' }));
  await toast(page, 'Record deleted.');
  expect((await page.goto(mistake.url))?.status()).toBe(404);
  expect((await page.goto(parent.url))?.status()).toBe(200);
});

test('a client is made inactive instead', async ({ page, desk }) => {
  const client = await desk.client();
  await as(page, 'staff@demo.test');
  await page.goto(`${client.url}/delete`);
  await expect(section(page, 'Erase')).toContainText('Only administrators can erase');
  await follow(page.getByRole('button', { name: 'Make inactive' }));
  await expect(page).toHaveURL(new RegExp(`${client.url}(\\?|$)`));
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Inactive');
});

test('a person is erased by an administrator who types the code', async ({ page, desk }) => {
  const client = await desk.client({}, { alert: 'Nut allergy', notes: 'Confidential' });
  const booked = await desk.book(client);
  await as(page, 'admin@demo.test');
  await page.goto(`${client.url}/delete`);
  await clear(page, 'Cancel it');
  const erase = section(page, 'Erase');
  await erase.getByLabel('Type the code to confirm').fill('WRONG1');
  expect(await follow(erase.getByRole('button', { name: 'Erase this person' }))).toBe(422);
  await expect(erase).toContainText('This isn’t the code of this record.');
  await axe(page);

  const code = /Code (\w+)/.exec(await page.locator('.page-head').innerText())![1]!;
  await erase.getByLabel('Type the code to confirm').fill(code.toLowerCase());
  expect(await follow(erase.getByRole('button', { name: 'Erase this person' }))).toBe(200);
  await toast(page, 'Personal data erased.');
  for (const words of [client.first, client.last, client.email, 'Nut allergy', 'Confidential', code]) {
    await expect(page.getByRole('main')).not.toContainText(words);
  }
  // What is left is shown; nothing is offered that would be refused.
  const main = page.getByRole('main');
  await expect(main).toContainText('Nothing logged yet.');
  for (const name of ['New appointment', 'New activity', 'Add relationship', 'Edit']) {
    await expect(main.getByText(name, { exact: true })).toHaveCount(0);
  }
  await expect(main.locator('summary', { hasText: /^Status$/ })).toHaveCount(0);
  await axe(page);
  await page.goto(booked.url);
  await expect(main).toContainText('Counselling session');
  await expect(main.getByRole('link', { name: /^Book / })).toHaveCount(0);
  // The emails about them are there, without words.
  await page.goto('/settings/outbox');
  await expect(main).not.toContainText(client.email);
  await follow(main.getByRole('link', { name: 'Erased' }).first());
  await expect(main).toContainText('was erased, so this message’s content was removed');
  await axe(page);
  await page.goto(`/clients?q=${client.last}`);
  await expect(main).not.toContainText(client.first);
});
