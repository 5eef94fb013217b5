// The day's list: times and names stand beside each other, on the screen and on paper.
import { as, axe, expect, hasJavaScript, test } from '../fixtures.ts';
import { venueDate } from './steps.ts';
import type { Page } from '@playwright/test';

/** Rows whose time's text meets the text of the name beside it. */
function overlaps(page: Page): Promise<string[]> {
  return page.locator('.slot-row').evaluateAll((rows) =>
    rows.flatMap((row) => {
      const box = (element: Element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect();
      };
      const [time, name] = [box(row.children[0]!), box(row.children[1]!)];
      const meets = time.left < name.right && name.left < time.right && time.top < name.bottom && name.top < time.bottom;
      return meets ? [row.textContent ?? ''] : [];
    }),
  );
}

test('a time is never printed over a name', async ({ page, desk }) => {
  const { start, practitioner } = await desk.book(await desk.client({ email: false }), null, { practitioner: 'Dr. Priya Raman' });
  await as(page, 'staff@demo.test');
  const day = `/calendar?view=list&date=${venueDate(start.toISOString())}`;
  for (const address of [`${day}&practitioner=${practitioner}`, day]) {
    for (const width of [390, 700, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(address);
      await expect(page.locator('.slot-row').first()).toBeVisible();
      expect(await overlaps(page), `${address} at ${width}`).toEqual([]);
    }
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 720, height: 900 });
    expect(await overlaps(page), `${address} on paper`).toEqual([]);
    await page.emulateMedia({ media: 'screen' });
  }
});

test('on paper the list names the practice and when it was printed', async ({ page }) => {
  await as(page, 'staff@demo.test');
  await page.goto('/calendar?view=print');
  const printed = page.getByText(/^Maple & Birch.* · Printed /);
  await expect(printed).toBeHidden();
  if (hasJavaScript()) await expect(page.getByRole('button', { name: 'Print' })).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(printed).toBeVisible();
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden();
});

test('practitioners open on their own lane', async ({ page }) => {
  await as(page, 'practitioner@demo.test');
  await page.goto('/calendar?view=list');
  await expect(page.locator('.lane')).toHaveCount(1);
  await page.goto('/calendar?view=list&practitioner=all');
  expect(await page.locator('.lane').count()).toBeGreaterThan(1);
  await axe(page);
});
