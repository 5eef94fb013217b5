// The least that must hold: the log-in page stands, is accessible, and refuses a stranger.
import { axe, expect, hydrated, test } from '../fixtures.ts';

test('the log-in page is accessible', async ({ page }) => {
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  await axe(page);
});

test('a stranger stays on the log-in page', async ({ page }) => {
  await page.goto('/login');
  await page.getByLabel('E-mail or username').fill('nobody@example.org');
  await page.getByLabel('Password', { exact: true }).fill('not-a-password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await hydrated(page);
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
});
