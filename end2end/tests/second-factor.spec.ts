// A second factor, with a phone of our own: codes made by other code than the product's.
import { createHmac } from 'node:crypto';
import { axe, expect, follow, PASSWORD, test } from '../fixtures.ts';
import { problem, toast } from './steps.ts';
import type { Page } from '@playwright/test';

/** What an authenticator app shows (RFC 6238), these seconds from now. */
function code(secret: string, later = 0): string {
  let bits = '';
  for (const letter of secret.replaceAll(' ', '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + later) / 30)));
  const digest = createHmac('sha1', key).update(step).digest();
  const number = digest.readUInt32BE(digest[19]! & 15) & 0x7fffffff;
  return (number % 1_000_000).toString().padStart(6, '0');
}

async function givePassword(page: Page, username: string): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Email or username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await follow(page.getByRole('button', { name: 'Log in' }));
}

test('an app is set up, asked for, and its codes work once', async ({ page, open, desk }) => {
  const client = await desk.member();
  await givePassword(page, client.email);
  await page.goto('/account');
  await follow(page.getByRole('link', { name: 'Login security' }));
  await axe(page);
  await follow(page.getByRole('button', { name: 'Set up an app' }));
  await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
  await axe(page);
  const secret = await page.locator('code.secret').innerText();
  await page.getByLabel('Code from the app').fill('000000');
  expect(await follow(page.getByRole('button', { name: 'Turn on' }))).toBe(422);
  expect(await problem(page.getByLabel('Code from the app'))).toContain('This code doesn’t work.');
  await page.getByLabel('Code from the app').fill(code(secret));
  expect(await follow(page.getByRole('button', { name: 'Turn on' }))).toBe(200);
  await toast(page, 'Authenticator app set up.');
  const codes = await page.locator('.recovery-codes li').allInnerTexts();
  expect(codes).toHaveLength(10);
  await axe(page);
  await page.reload();
  await expect(page.locator('.recovery-codes')).toHaveCount(0);

  const phone = await open();
  await givePassword(phone, client.email);
  await expect(phone).toHaveURL(/\/login\/code/);
  await axe(phone);
  await phone.goto('/my/appointments');
  await expect(phone).toHaveURL('/login?next=%2Fmy%2Fappointments');
  await phone.goto('/login/code?next=%2Fmy%2Fappointments');
  await phone.getByLabel('Code', { exact: true }).fill(code(secret, 30));
  expect(await follow(phone.getByRole('button', { name: 'Log in' }))).toBe(200);
  await expect(phone).toHaveURL('/my/appointments');

  const tablet = await open();
  await givePassword(tablet, client.email);
  await tablet.getByLabel('Code', { exact: true }).fill(codes[2]!.toLowerCase());
  expect(await follow(tablet.getByRole('button', { name: 'Log in' }))).toBe(200);
  await tablet.goto('/account/security');
  await expect(tablet.getByText('9 recovery codes are left.')).toBeVisible();
});

test('one sees where one is logged in, and ends it', async ({ page, open, desk }) => {
  const client = await desk.member();
  await givePassword(page, client.email);
  const other = await open(client.email);
  await other.goto('/my/appointments');
  await page.goto('/account');
  const sessions = page.getByRole('region', { name: 'Where you’re logged in' });
  await expect(sessions.getByText('This one')).toHaveCount(1);
  await follow(sessions.getByRole('button', { name: 'Log out everywhere else' }));
  await toast(page, 'You’re logged out everywhere else.');
  await expect(sessions.getByRole('row')).toHaveCount(2);
  await other.reload();
  await expect(other).toHaveURL(/\/login/);
});
