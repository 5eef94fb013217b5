// With the browser's back/forward cache on, as it is for everyone: pages that come back.
import { as, expect, follow, hydrated, login, test, word } from '../fixtures.ts';
import { chooseTime, openForm } from './steps.ts';
import type { Page } from '@playwright/test';

/** Whether the page that is shown now came back from the cache, and was not requested. */
function watchForReturn(page: Page): Promise<void> {
  return page.evaluate(() => addEventListener('pageshow', (event) => ((window as { cameBack?: boolean }).cameBack = event.persisted)));
}

async function logOut(page: Page): Promise<void> {
  await page.getByRole('banner').locator('details.menu summary').click();
  await follow(page.getByRole('button', { name: 'Log out' }));
  await expect(page).toHaveURL(/\/login/);
}

test('the cache is on in this project', async ({ page }) => {
  // Not the login page: the browser keeps no page that waits for a passkey.
  await page.goto('/register');
  await watchForReturn(page);
  await page.goto('/reset');
  await page.goBack({ waitUntil: 'commit' });
  expect(await page.evaluate(() => (window as { cameBack?: boolean }).cameBack)).toBe(true);
});

for (const [who, email, first, second] of [
  ['a client', 'parent@demo.test', '/my/appointments', '/my/details'],
  ['a staff member', 'staff@demo.test', '/calendar', '/clients'],
] as const) {
  test(`after ${who} logs out, Back shows nothing of theirs`, async ({ page }) => {
    await login(page, email);
    await page.goto(first);
    const heading = (await page.getByRole('heading', { level: 1 }).textContent())!;
    await page.goto(second);
    await logOut(page);
    for (let steps = 0; steps < 2; steps += 1) {
      await page.goBack({ waitUntil: 'commit' });
      await expect(page).toHaveURL(/\/login/);
      await expect(page.getByRole('heading', { name: heading, exact: true })).toHaveCount(0);
      await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
    }
  });

  test(`when ${who} logs out, their other tabs go to the login page`, async ({ page }) => {
    await login(page, email);
    await page.goto(first);
    const other = await page.context().newPage();
    await other.goto(second);
    await hydrated(other);
    await logOut(page);
    await expect(other).toHaveURL(/\/login/);
  });
}

test('a session that ended elsewhere is noticed when a page comes back', async ({ page }) => {
  await login(page, 'staff@demo.test');
  await page.goto('/calendar');
  await page.goto('/clients');
  await page.context().clearCookies();
  await page.goBack({ waitUntil: 'commit' });
  await expect(page).toHaveURL(/\/login/);
});

test('a page that comes back to the same account is shown, and its forms are new requests', async ({ page }) => {
  await as(page, 'staff@demo.test');
  await page.goto('/clients/new');
  const key = page.locator('main input[name="form[request_key]"]').first();
  const before = await key.inputValue();
  // Nothing typed, and nothing under way: a page that asked before it was left is not kept by the browser.
  await page.waitForLoadState('networkidle');
  await watchForReturn(page);
  await page.goto('/clients');
  await page.goBack({ waitUntil: 'commit' });
  await expect(page.getByLabel('First name')).toBeVisible();
  expect(await page.evaluate(() => (window as { cameBack?: boolean }).cameBack)).toBe(true);
  expect(await key.inputValue()).not.toBe(before);
});

test('after Back another time is a booking of its own, or is refused: nothing is called booked that is not', async ({ page, desk }) => {
  const client = await desk.member();
  await as(page, client.email);
  const [form, one] = await chooseTime(page, 'Counselling session');
  const last = page.url();
  expect(await follow(form.getByRole('button', { name: 'Book appointment' }))).toBe(200);
  await expect(page).toHaveURL(/\/my\/appointments/);
  await page.goBack({ waitUntil: 'commit' });
  await expect(page).toHaveURL(last);
  await follow(page.getByRole('link', { name: 'Other times' }));
  const other = page.locator(`.day button.time:not([value^="${one.start.slice(0, 13)}"])`).first();
  const start = (await other.getAttribute('value'))!.split(' ')[0]!;
  const kept = await follow(other);
  const status = kept === 200 ? await follow(page.getByRole('button', { name: 'Book appointment' })) : kept;
  await page.goto('/my/appointments');
  const booked = page.locator(`time[datetime="${start}"]`);
  await expect(booked).toHaveCount(status === 200 ? 1 : 0);
  await expect(page.locator(`time[datetime="${one.start}"]`)).not.toHaveCount(0);
});

test('a draft belongs to the colleague who typed it', async ({ page }) => {
  const first = word();
  await login(page, 'staff@demo.test');
  await page.goto('/clients');
  const form = await openForm(page.getByRole('link', { name: 'New client' }));
  await form.getByLabel('First name').fill(first);
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).toContain(first);
  // Another tab of the same browser: another person logs in.
  const other = await page.context().newPage();
  await other.goto('/clients');
  await logOut(other);
  await login(other, 'admin@demo.test');
  // The first tab is theirs by then: whatever it shows, nothing of the colleague's.
  await page.goto('/clients');
  await hydrated(page);
  const theirs = await openForm(page.getByRole('link', { name: 'New client' }));
  await expect(theirs.getByLabel('First name')).toHaveValue('');
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(first);
});
