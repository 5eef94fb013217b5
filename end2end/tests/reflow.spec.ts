// At 320 CSS pixels, which is 1280 at 400 %, nothing has to be scrolled sideways (WCAG 1.4.10);
// and on a desk the bar of every role is one row.
import { as, expect, test } from '../fixtures.ts';
import { addresses } from '../routes.ts';
import type { Page } from '@playwright/test';

/** What sticks out of the window at the side. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    if (document.scrollingElement!.scrollWidth <= innerWidth) return [];
    const elements = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
    return ['the page', ...elements.map((one) => `${one.tagName}.${one.className}`)];
  });
}

const STAFF = (at: Awaited<ReturnType<typeof addresses>>) => [
  '/calendar',
  ...['list', 'week', 'month', 'agenda', 'print'].map((view) => `/calendar?view=${view}`),
  '/clients',
  '/clients/new',
  at.ana,
  at.mia,
  `${at.mia}/edit`,
  at.appointment,
  `/appointments/new?client=${at.number(at.mia)}&service=${at.service}`,
  '/activities',
  '/activities/new',
  '/reports',
  '/settings',
  '/settings/practice',
  '/settings/team',
];

const PORTAL = (at: Awaited<ReturnType<typeof addresses>>) => [
  '/my/appointments',
  '/book',
  `/book?service=${at.service}`,
  '/my/availability',
  '/my/details',
];

for (const [who, email, paths] of [['staff', 'admin@demo.test', STAFF], ['the portal', 'parent@demo.test', PORTAL]] as const) {
  test(`nothing scrolls sideways at 320 pixels: ${who} @js`, async ({ page, desk }) => {
    await page.setViewportSize({ width: 320, height: 640 });
    const at = await addresses(desk);
    await as(page, email);
    for (const path of paths(at)) {
      await page.goto(path);
      expect(await tooWide(page), path).toEqual([]);
    }
  });
}

for (const email of ['admin@demo.test', 'staff@demo.test', 'practitioner@demo.test', 'parent@demo.test']) {
  test(`the bar is one row at 1280 pixels: ${email} @js`, async ({ page }) => {
    await as(page, email);
    await page.goto(email.startsWith('parent') ? '/my/appointments' : '/calendar');
    const rows = await page.locator('.topbar').evaluate((bar) => {
      const shown = [...bar.children].map((one) => one.getBoundingClientRect()).filter((box) => box.width > 0);
      return { height: bar.getBoundingClientRect().height, apart: Math.max(...shown.map((box) => box.top)) >= Math.min(...shown.map((box) => box.bottom)) };
    });
    expect(rows.apart, 'a part of the bar stands below another').toBe(false);
    expect(rows.height).toBeLessThan(64);
    expect(await tooWide(page)).toEqual([]);
  });
}
