// The link in a mail about an appointment: confirm, move and cancel without logging in; and what is mailed.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { toast } from './steps.ts';

const LINK = /\/m\/[\w-]{43}/;

test('an appointment is confirmed, moved and cancelled by the link in its mail', async ({ open, desk }) => {
  const client = await desk.client();
  await desk.book(client);
  const path = await desk.mailed(client.email, LINK);
  const page = await open();
  await page.goto(path);
  const main = page.getByRole('main');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your appointment');
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Confirm appointment' }))).toBe(200);
  await expect(main).toContainText('Confirmed. Thank you');
  await expect(page.getByRole('button', { name: 'Confirm appointment' })).toHaveCount(0);

  await follow(page.getByRole('link', { name: 'Move appointment' }));
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Move appointment' }))).toBe(422);
  await page.locator('label.time').last().click();
  expect(await follow(page.getByRole('button', { name: 'Move appointment' }))).toBe(200);
  await expect(main).toContainText('Moved. This is the new time.');
  await expect(main).not.toContainText('Confirmed. Thank you');

  expect(await follow(page.getByRole('button', { name: 'Cancel appointment' }))).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Appointment cancelled');
  await axe(page);
  await page.reload();
  await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);
  expect((await page.goto(path))?.status()).toBe(200);
});

test.describe('links that open nothing', () => {
  test.use({ expectedErrors: [/status of 410/] });

  test('a forged link opens nothing', async ({ open }) => {
    const page = await open();
    for (const path of ['/m/garbage', `/m/${'x'.repeat(43)}`, '/m/garbage/move', '/m/%F0%9F%99%82']) {
      expect((await page.goto(path))?.status(), path).toBe(410);
      await expect(page.getByRole('heading', { name: 'Link no longer valid' })).toBeVisible();
    }
  });
});

test('staff choose what they are mailed of', async ({ page }) => {
  await as(page, 'staff@demo.test');
  await page.goto('/account');
  const form = page.getByRole('region', { name: 'Emails to you' });
  await expect(form.getByLabel('Booked online')).toBeVisible();
  await axe(page);
  await form.getByLabel('Moved online').setChecked(false);
  expect(await follow(form.getByRole('button', { name: 'Save emails' }))).toBe(200);
  await toast(page, 'Email choices saved.');
  await expect(form.getByLabel('Moved online')).not.toBeChecked();
  await expect(form.getByLabel('Your day tomorrow')).toBeVisible();
  await form.getByLabel('Moved online').setChecked(true);
  expect(await follow(form.getByRole('button', { name: 'Save emails' }))).toBe(200);
});

test('administrators set how long mail waits', async ({ page }) => {
  await as(page, 'admin@demo.test');
  await page.goto('/settings/reminders');
  const panel = page.getByRole('region', { name: 'Changes by staff' });
  await panel.getByLabel('Minutes to wait before emailing').fill('99');
  expect(await follow(panel.getByRole('button', { name: 'Save' }))).toBe(422);
  await expect(page.locator('#f-minutes-error')).toContainText('from 0 to 15');
  await page.locator('#f-minutes').fill('0');
  expect(await follow(page.getByRole('region', { name: 'Changes by staff' }).getByRole('button', { name: 'Save' }))).toBe(200);
});
