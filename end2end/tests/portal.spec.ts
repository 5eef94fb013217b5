// The portal around its pages: the bar at the bottom of a phone, and home.
import { as, axe, expect, test } from '../fixtures.ts';

test('on a phone the ways of the portal are at the bottom, and nothing is behind them', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await as(page, 'parent@demo.test');
  await page.goto('/my');
  const bar = page.getByRole('navigation', { name: 'Main' });
  await expect(bar.getByRole('link')).toHaveText(['Home', 'Book', 'Appointments', 'Me']);
  await expect(bar.getByRole('link', { name: 'Home' })).toHaveAttribute('aria-current', 'page');
  const box = (await bar.boundingBox())!;
  expect(Math.round(box.y + box.height)).toBe(844);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  const footer = (await page.getByRole('contentinfo').boundingBox())!;
  expect(footer.y + footer.height).toBeLessThanOrEqual(box.y + 1);
  await axe(page);
  await bar.getByRole('link', { name: 'Me', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My details');
});

test('on a wide screen the same ways are at the top', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await as(page, 'parent@demo.test');
  await page.goto('/my/history');
  const bar = page.getByRole('navigation', { name: 'Main' });
  expect((await bar.boundingBox())!.y).toBeLessThan(60);
  await expect(bar.getByRole('link', { name: 'Appointments' })).toHaveAttribute('aria-current', 'page');
  await axe(page);
});
