// Someone becomes a client by registering, and books.
import { axe, expect, follow, test, word } from '../fixtures.ts';
import { PASSWORD } from '../fixtures.ts';
import { problem, toast, unfold } from './steps.ts';

test('a new person registers, follows the link, and can book @portal', async ({ page, desk }) => {
  const [first, last] = [word(), word()];
  const email = `${first}.${last}@example.com`.toLowerCase();
  await page.goto('/login');
  await follow(page.getByRole('link', { name: 'Register' }));
  await page.getByLabel('First name').fill(first);
  await page.getByLabel('Email').fill('nonsense');
  expect(await follow(page.getByRole('button', { name: 'Send the link' }))).toBe(422);
  expect(await problem(page.getByLabel('Last name'))).toMatch(/^Enter /);
  await expect(page.getByLabel('First name')).toHaveValue(first);
  await page.getByLabel('Last name').fill(last);
  await page.getByLabel('Email').fill(email);
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Send the link' }))).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('We can’t send emails right now');

  const link = await desk.mailed(email, /\/register\/[\w-]+/);
  await page.goto(link);
  await expect(page.getByLabel('Username')).toHaveValue(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Confirm password').fill(PASSWORD);
  // The create window's fields, but for those that staff alone decide.
  await expect(page.getByLabel('First name')).toHaveValue(first);
  for (const staffs of ['Client code', 'Status', 'Tags', 'Alert', 'Referring provider', 'Notes']) {
    await expect(page.getByLabel(staffs)).toHaveCount(0);
  }
  await page.getByLabel('Send text messages').check();
  await unfold(page, 'More about you');
  await page.getByLabel('Date of birth').fill('2001-02-03');
  await page.getByLabel('Pronouns').fill('she/her');
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Save and log in' }))).toBe(422);
  expect(await problem(page.getByRole('textbox', { name: 'Mobile number' }))).not.toBe('');
  await expect(page.getByLabel('Date of birth')).toHaveValue('2001-02-03');
  await page.getByRole('textbox', { name: 'Mobile number' }).fill('416 555 0147');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Confirm password').fill(PASSWORD);
  expect(await follow(page.getByRole('button', { name: 'Save and log in' }))).toBe(200);
  await toast(page, /registered and logged in/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Book an appointment');
  const again = await page.context().request.get(link);
  expect(again.status()).toBe(410);
});
