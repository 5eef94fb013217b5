// Logging in and out, and the links of mails that let someone in.
import { as, axe, expect, follow, login, PASSWORD, test, word } from '../fixtures.ts';
import { problem, section, toast, unfold } from './steps.ts';
import type { Page } from '@playwright/test';

const logIn = (page: Page) => follow(page.getByRole('button', { name: 'Log in' }));

async function fillLogin(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('Email or username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
}

async function choosePassword(page: Page, password: string, again = password): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Confirm password').fill(again);
}

/** The page of a link that is not good any more, or never was. */
async function expectDead(page: Page, link: string): Promise<void> {
  expect((await page.goto(link))?.status()).toBe(410);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Link no longer valid');
}

test('a wrong password is refused like an unknown name', async ({ page }) => {
  const answers: string[] = [];
  for (const name of ['staff@demo.test', `${word()}@example.com`]) {
    await page.goto('/login');
    await fillLogin(page, name, 'not the password');
    expect(await logIn(page)).toBe(401);
    answers.push(await page.getByRole('alert').first().innerText());
    await expect(page.getByLabel('Email or username')).toHaveValue(name);
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
  }
  expect(answers[0]).toContain('Wrong email, username or password.');
  expect(answers[1]).toBe(answers[0]);
});

test('a reset is answered alike for known and unknown, and works once', async ({ page, desk }) => {
  const client = await desk.member();
  const answers: string[] = [];
  for (const name of [client.email, `${word()}@example.com`]) {
    await page.goto('/login');
    await follow(page.getByRole('link', { name: 'Forgot your password?' }));
    await page.getByLabel('Email or username').fill(name);
    expect(await follow(page.getByRole('button', { name: 'Send the link' }))).toBe(200);
    answers.push(`${new URL(page.url()).pathname} ${await page.getByRole('main').innerText()}`);
  }
  expect(answers[0]).toContain('no email was sent');
  expect(answers[1]).toBe(answers[0]);

  const link = await desk.mailed(client.email, /\/reset\/[\w-]+/);
  await page.goto(link);
  await page.reload();
  await expect(page.getByText(client.email)).toBeVisible();
  await choosePassword(page, 'another long one');
  expect(await follow(page.getByRole('button', { name: 'Save password' }))).toBe(200);
  await toast(page, 'Password saved.');
  await expect(page).toHaveURL(/\/my(\?|$)/);
  await page.context().clearCookies();
  await expectDead(page, link);
  await page.goto('/login');
  await fillLogin(page, client.email, PASSWORD);
  expect(await logIn(page)).toBe(401);
  await fillLogin(page, client.email, 'another long one');
  expect(await logIn(page)).toBe(200);
});

test('a claim link works once, and not after a newer one', async ({ page, desk }) => {
  const client = await desk.client();
  const older = await desk.invite(client);
  const link = await desk.invite(client);
  await expectDead(page, older);
  await page.goto(link);
  await choosePassword(page, 'short');
  expect(await follow(page.getByRole('button', { name: 'Save and log in' }))).toBe(422);
  expect(await problem(page.getByLabel('Password', { exact: true }))).toBe('Use at least 10 characters.');
  await choosePassword(page, PASSWORD, `${PASSWORD}2`);
  expect(await follow(page.getByRole('button', { name: 'Save and log in' }))).toBe(422);
  expect(await problem(page.getByLabel('Confirm password'))).toBe('The two passwords don’t match.');
  await choosePassword(page, PASSWORD);
  expect(await follow(page.getByRole('button', { name: 'Save and log in' }))).toBe(200);
  await expect(page).toHaveURL(/\/my(\?|$)/);
  await page.context().clearCookies();
  await expectDead(page, link);
  for (const garbage of ['/claim/garbage', '/reset/garbage', `/claim/${'x'.repeat(2000)}`]) await expectDead(page, garbage);
  expect((await page.request.get('/claim/%00%ff')).status()).toBe(400);
});

test('an invitation is withdrawn', async ({ page, open, desk }) => {
  const client = await desk.client();
  const link = await desk.invite(client);
  const staff = await open('staff@demo.test');
  await staff.goto(client.url);
  await unfold(staff, 'Withdraw invitation');
  await axe(staff);
  await follow(staff.getByRole('button', { name: 'Withdraw the invitation' }));
  await toast(staff, 'Invitation cancelled');
  await expect(section(staff, /^Portal$/)).toContainText('No portal account');
  await expect(staff.getByRole('button', { name: 'Send welcome email' })).toBeVisible();
  await expectDead(page, link);
});

test('a family that shares an address has a username each', async ({ page, desk }) => {
  const family = await desk.member();
  const other = { ...(await desk.client({}, { email: family.email })), email: family.email };
  const link = await desk.invite(other);
  await page.goto(link);
  await expect(page.getByText('This email is already someone’s username')).toBeVisible();
  await page.getByLabel('Username').fill(family.email);
  await choosePassword(page, PASSWORD);
  expect(await follow(page.getByRole('button', { name: 'Save and log in' }))).toBe(422);
  expect(await problem(page.getByLabel('Username'))).toContain('Choose a username without @');
  await page.getByLabel('Username').fill(`${other.first}.${other.last}`);
  await choosePassword(page, PASSWORD);
  expect(await follow(page.getByRole('button', { name: 'Save and log in' }))).toBe(200);
  await expect(page.getByRole('banner')).toContainText(other.name);
});

test('a removed login ends an open session right away', async ({ page, open, desk }) => {
  const client = await desk.member();
  const portal = await open(client.email);
  await portal.goto('/my/appointments');
  await as(page, 'staff@demo.test');
  await page.goto(client.url);
  await unfold(page, 'Remove account');
  expect(await follow(page.getByRole('button', { name: 'Remove portal account' }))).toBe(200);
  await toast(page, 'Portal account removed.');
  await expect(page.getByText('No portal account', { exact: true })).toBeVisible();
  await portal.reload();
  await expect(portal).toHaveURL('/login?next=%2Fmy%2Fappointments');
  await fillLogin(portal, client.email, PASSWORD);
  expect(await logIn(portal)).toBe(401);
});

test('a client made inactive is logged out right away', async ({ open, desk }) => {
  const client = await desk.member();
  const portal = await open(client.email);
  expect((await portal.goto('/my/appointments'))?.url()).toContain('/my/appointments');
  await desk.setStatus(client, 'inactive');
  await portal.reload();
  await expect(portal).toHaveURL(/\/login/);
});

test('logging out ends the session', async ({ page }) => {
  await login(page, 'staff@demo.test');
  await page.getByRole('banner').locator('summary').click();
  await follow(page.getByRole('button', { name: 'Log out' }));
  await toast(page, 'You are logged out.');
  await page.goto('/clients');
  await expect(page).toHaveURL('/login?next=%2Fclients');
});

test('after logging in one is where one wanted to be, on this site only', async ({ page, baseURL }) => {
  await page.goto('/clients?status=inactive');
  await expect(page).toHaveURL('/login?next=%2Fclients%3Fstatus%3Dinactive');
  await fillLogin(page, 'staff@demo.test', 'wrong on the first try');
  expect(await logIn(page)).toBe(401);
  await fillLogin(page, 'staff@demo.test', PASSWORD);
  await logIn(page);
  await expect(page).toHaveURL('/clients?status=inactive');

  for (const elsewhere of ['https://example.org/', '//example.org/', '/\\example.org', '/\t/example.org', 'javascript:alert(1)']) {
    await page.context().clearCookies();
    await page.goto(`/login?next=${encodeURIComponent(elsewhere)}`);
    await fillLogin(page, 'staff@demo.test', PASSWORD);
    await logIn(page);
    expect(page.url()).toBe(`${baseURL}/calendar`);
  }
});
