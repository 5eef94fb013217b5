// Passkeys, with Chromium's own authenticator in software. They need the site's name: at its number there are none.
import { axe, expect, follow, PASSWORD, test } from '../fixtures.ts';
import { section, toast } from './steps.ts';
import type { CDPSession, Page } from '@playwright/test';

/** Not before the test says so does anyone touch it. */
async function authenticator(page: Page): Promise<{ touch: (touches: boolean) => Promise<void>; forget: () => Promise<void> }> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: false,
    },
  });
  return {
    touch: (enabled) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }).then(() => undefined),
    forget: () => cdp.send('WebAuthn.clearCredentials', { authenticatorId }).then(() => undefined),
  };
}

/** The site by its name. */
const named = (address: string) => address.replace('127.0.0.1', 'localhost');

async function givePassword(page: Page, site: string, username: string): Promise<void> {
  await page.goto(`${site}/login`);
  await page.getByLabel('Email or username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await follow(page.getByRole('button', { name: 'Log in' }));
}

test('a passkey is added, logs in without a name, completes a login, and is removed @js', async ({ page, desk, address }) => {
  const site = named(address);
  const client = await desk.member();
  const device = await authenticator(page);
  await givePassword(page, site, client.email);
  await page.goto(`${site}/account/security`);
  await axe(page);
  await follow(page.getByRole('link', { name: 'Add a passkey' }));
  await axe(page);
  await page.getByLabel('Name').fill('My phone');
  await device.touch(true);
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.waitForURL(/recovery-codes/);
  await toast(page, 'Passkey added.');
  await expect(page.locator('.recovery-codes li')).toHaveCount(10);
  await page.goto(`${site}/account/security`);
  await expect(section(page, 'Passkeys').getByText('My phone')).toBeVisible();
  await expect(page.getByText('10 recovery codes are left.')).toBeVisible();
  await axe(page);

  // Logged out, and in again by the button, without a name.
  await device.touch(false);
  await page.context().clearCookies();
  await page.goto(`${site}/login`);
  await expect(page.getByLabel('Email or username')).toHaveAttribute('autocomplete', 'username webauthn');
  await axe(page);
  await device.touch(true);
  await Promise.all([page.waitForURL(/\/my$/), page.getByRole('button', { name: 'Use a passkey' }).click({ noWaitAfter: true }).catch(() => {})]);

  // The list beside the name's field: it is chosen there, and nothing is pressed.
  await page.context().clearCookies();
  await Promise.all([page.waitForURL(/\/my$/), page.goto(`${site}/login`).catch(() => {})]);

  // After the password.
  await device.touch(false);
  await page.context().clearCookies();
  await givePassword(page, site, client.email);
  await expect(page).toHaveURL(/\/login\/code/);
  await axe(page);
  await device.touch(true);
  await page.getByRole('button', { name: 'Use a passkey' }).click({ noWaitAfter: true });
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));

  await page.goto(`${site}/account/security`);
  const panel = section(page, 'Passkeys');
  await panel.getByText('Rename', { exact: true }).click();
  await panel.getByLabel('Name').fill('Old phone');
  await follow(panel.getByRole('button', { name: 'Save' }));
  await toast(page, 'Passkey renamed.');
  await follow(panel.getByRole('button', { name: 'Remove Old phone' }));
  await toast(page, 'Passkey removed.');
  await expect(panel.getByText('Old phone')).toHaveCount(0);
});

test('a passkey that the device has lost leaves the other ways in @js', async ({ page, desk, address }) => {
  const site = named(address);
  const client = await desk.member();
  const device = await authenticator(page);
  await givePassword(page, site, client.email);
  await page.goto(`${site}/account/passkey`);
  await device.touch(true);
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.waitForURL(/recovery-codes/);
  const codes = await page.locator('.recovery-codes li').allInnerTexts();
  await device.forget();
  await page.context().clearCookies();
  await givePassword(page, site, client.email);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByText('No passkey was used.')).toBeVisible();
  await page.getByLabel('Code', { exact: true }).fill(codes[4]!);
  expect(await follow(page.getByRole('button', { name: 'Log in' }))).toBe(200);
});

test('without JavaScript there is the password, and no button that does nothing @no-js', async ({ page, desk }) => {
  const client = await desk.member();
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Use a passkey' })).toHaveCount(0);
  await page.getByLabel('Email or username').fill(client.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await follow(page.getByRole('button', { name: 'Log in' }));
  await page.goto('/account/security');
  await axe(page);
});
