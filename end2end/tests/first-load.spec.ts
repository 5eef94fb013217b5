// What a browser loads that has not been here before.
import { as, expect, hydrated, test } from '../fixtures.ts';
import type { Page } from '@playwright/test';

/** The files of this site that a page loads, and the page itself. */
async function loaded(page: Page, path: string): Promise<string[]> {
  const files: string[] = [];
  const note = (request: { url: () => string }) => files.push(new URL(request.url()).pathname);
  page.on('request', note);
  await page.goto(path);
  await hydrated(page);
  page.off('request', note);
  return [...new Set(files)];
}

const wasm = (files: string[]) => files.filter((file) => file.endsWith('.wasm'));

test('public pages and the portal load no code of staff @js', async ({ page }) => {
  const login = await loaded(page, '/login');
  expect(wasm(login)).toHaveLength(1);
  await as(page, 'parent@demo.test');
  for (const path of ['/book', '/my/appointments']) {
    const files = await loaded(page, path);
    expect(wasm(files), path).toHaveLength(1);
    expect(files.length, `requests of ${path}`).toBeLessThanOrEqual(12);
  }
});

test('a page of staff loads their islands, and the calendar’s on the calendar alone @js', async ({ page }) => {
  await as(page, 'staff@demo.test');
  for (const path of ['/clients', '/appointments/new']) {
    const files = wasm(await loaded(page, path));
    // The second has what both need.
    expect(files, path).toHaveLength(3);
    expect(files.filter((file) => file.includes('split_start_calendar_')), path).toEqual([]);
  }
  const calendar = wasm(await loaded(page, '/calendar'));
  expect(calendar.filter((file) => file.includes('split_start_calendar_'))).toHaveLength(1);
});
