// The calendar: every view, with and without JavaScript, on a desk and on a phone.
import { as, axe, expect, follow, hasJavaScript, someDay, test } from '../fixtures.ts';
import { venueDate } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

/** The column whose heading begins with these words. */
function column(page: Page, name: string): Locator {
  return page.locator('.cal-column').filter({ has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });
}

/** Rows that two boxes share, beside each other or not. */
async function overlapping(page: Page): Promise<string[]> {
  return page.locator('.cal-column').evaluateAll((columns) =>
    columns.flatMap((column) => {
      const blocks = [...column.querySelectorAll('li:not(.free)')].map((one) => ({ box: one.getBoundingClientRect(), text: one.textContent ?? '' }));
      return blocks.flatMap((a, at) =>
        blocks.slice(at + 1).flatMap((b) => {
          const apart =
            a.box.right <= b.box.left + 1 || b.box.right <= a.box.left + 1 || a.box.bottom <= b.box.top + 1 || b.box.bottom <= a.box.top + 1;
          return apart ? [] : [`${a.text} / ${b.text}`];
        }),
      );
    }),
  );
}

test('an appointment stands in the column of its practitioner, at its time', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  const { start, url, practitioner } = await desk.book(client, null, { practitioner: 'Dr. Priya Raman' });
  await as(page, 'staff@demo.test');
  await page.goto(`/calendar?date=${venueDate(start.toISOString())}`);
  const block = column(page, 'Dr. Priya Raman').getByRole('link', { name: client.name });
  await expect(block).toBeVisible();
  expect(await overlapping(page)).toEqual([]);
  const rows = await page.locator('.cal-column').evaluateAll((columns) => columns.map((one) => one.getBoundingClientRect().width));
  for (const width of rows) expect(width).toBeGreaterThanOrEqual(hasJavaScript() ? 120 : 300);
  await axe(page);
  await follow(block);
  await expect(page).toHaveURL(new RegExp(`${url}$`));

  // The week of that practitioner has a column for each day.
  await page.goto(`/calendar?view=week&practitioner=${practitioner}&date=${venueDate(start.toISOString())}`);
  await expect(page.locator('.cal-column')).toHaveCount(7);
  await expect(page.getByRole('link', { name: client.name })).toBeVisible();
  expect(await overlapping(page)).toEqual([]);
  await axe(page);
});

test('every view is reached from the others, and keeps what was chosen', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  const { start } = await desk.book(client, null, { practitioner: 'Dr. Priya Raman' });
  const date = venueDate(start.toISOString());
  await as(page, 'staff@demo.test');
  await page.goto(`/calendar?date=${date}&cancelled=1`);
  const views = page.getByRole('navigation', { name: 'Views' });
  for (const view of ['List', 'Week', 'Month', 'Agenda', 'Day']) {
    await follow(views.getByRole('link', { name: view, exact: true }));
    const address = new URL(page.url());
    expect(address.searchParams.get('date'), view).toBe(date);
    expect(address.searchParams.get('cancelled'), view).toBe('1');
    await expect(views.getByRole('link', { name: view, exact: true })).toHaveAttribute('aria-current', 'page');
    await axe(page);
  }
  await follow(page.getByRole('link', { name: 'Next day' }));
  const next = new Date(`${date}T12:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  await expect(page.getByLabel('Date', { exact: true })).toHaveValue(next.toISOString().slice(0, 10));
});

test('the form of the calendar works by its button', async ({ page }) => {
  await as(page, 'staff@demo.test');
  await page.goto('/calendar');
  await page.locator('summary').filter({ hasText: 'All practitioners' }).click();
  const menu = page.getByRole('group', { name: 'Practitioners' });
  await menu.getByLabel('All practitioners').uncheck();
  await menu.getByLabel('Grace Liu').check();
  await follow(menu.getByRole('button', { name: 'Show' }));
  await expect(page.locator('.cal-column')).toHaveCount(1);
  await expect(column(page, 'Grace Liu')).toBeVisible();
  await page.locator('summary').filter({ hasText: 'Display' }).click();
  await page.getByLabel('Size').selectOption('Compact');
  await page.getByLabel('Colour by').selectOption('Service');
  await follow(page.locator('.cal-options').filter({ has: page.getByLabel('Size') }).getByRole('button', { name: 'Show' }));
  await expect(page.locator('.cal.compact .cal-column')).toHaveCount(1);
  await axe(page);
});

test('a free time leads to a new appointment with the answers filled in', async ({ page }) => {
  await as(page, 'staff@demo.test');
  // A week ahead someone works and something is free.
  const far = new Date(Date.now() + 21 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/calendar?view=week&date=${far}`);
  const free = page.getByRole('link', { name: /^Book Dr\. Priya Raman, free / }).first();
  const href = (await free.getAttribute('href'))!;
  const query = new URL(href, page.url()).searchParams;
  expect(query.get('from')).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(query.get('at')).toMatch(/^\d\d:\d\d$/);
  expect(query.get('practitioner')).toMatch(/^[\w-]{36}$/);
  await follow(free);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New appointment');
});

test('practitioners see their own column, and colleagues as busy', async ({ page }) => {
  await as(page, 'practitioner@demo.test');
  await page.goto('/calendar');
  await expect(page.locator('.cal-column')).toHaveCount(1);
  await page.goto('/calendar?view=week&practitioner=all');
  expect(await page.locator('.cal-column').count()).toBeGreaterThan(5);
  await expect(page.locator('li.busy').first()).toBeVisible();
  await axe(page);
});

test('the day is printed with codes in place of names', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  const { start } = await desk.book(client, null, { practitioner: 'Dr. Priya Raman' });
  await as(page, 'staff@demo.test');
  await page.goto(`/calendar?date=${venueDate(start.toISOString())}`);
  await page.locator('summary').filter({ hasText: 'Print' }).click();
  await page.getByLabel('Codes instead of names').check();
  await page.getByLabel('One page for each practitioner').check();
  await page.getByLabel('Blank lines for walk-ins').fill('4');
  await follow(page.getByRole('button', { name: 'Show printable day' }));
  await expect(page.locator('.sheet').first()).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText(client.last);
  expect(await page.locator('tr.blank').count()).toBeGreaterThanOrEqual(4);
  await axe(page);
});

test('the order of reading is that of the day', async ({ page, desk }) => {
  const { start } = await desk.book(await desk.client({ email: false }), null, { practitioner: 'Dr. Priya Raman' });
  await as(page, 'staff@demo.test');
  await page.goto(`/calendar?date=${venueDate(start.toISOString())}`);
  const tops = await page.locator('.cal-column').evaluateAll((columns) =>
    columns.map((column) => [...column.querySelectorAll('li')].map((one) => one.getBoundingClientRect().top)),
  );
  for (const column of tops) expect(column).toEqual(column.toSorted((a, b) => a - b));
});

test('who came is noted in the list, in one press each', async ({ page }) => {
  await as(page, 'staff@demo.test');
  // A day that has begun for everyone, with appointments of the demo.
  for (let days = 1; days < 8; days += 1) {
    const date = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`/calendar?view=list&date=${date}`);
    if ((await page.getByRole('button', { name: /^(Arrived|Undo no show|Undo)$/ }).count()) > 0) break;
  }
  const undo = page.getByRole('button', { name: /^(Undo no show|Undo arrival)$/ }).first();
  if ((await page.getByRole('button', { name: 'Arrived', exact: true }).count()) === 0) await follow(undo);
  const form = page.getByRole('form', { name: /^Attendance of / }).filter({ has: page.getByRole('button', { name: 'Arrived', exact: true }) }).first();
  const name = (await form.getAttribute('aria-label'))!;
  const address = page.url();
  await follow(form.getByRole('button', { name: 'Arrived', exact: true }));
  expect(page.url()).toBe(address);
  const again = page.getByRole('form', { name }).first();
  await expect(again.getByRole('button', { name: 'In session' })).toBeVisible();
  await follow(again.getByRole('button', { name: 'Undo arrival' }));
  await expect(page.getByRole('form', { name }).first().getByRole('button', { name: 'Arrived', exact: true })).toBeVisible();
});

test('time off stands in the column by its name', async ({ page, desk }) => {
  const [day, practitioner] = [someDay(), await desk.practitionerId('Grace Liu')];
  const off = { kind: 'off', practitioner, first_day: day, starts: '10:00', ends: '11:00', reason: 'Dentist' };
  await desk.send('/fn/settings/add_exception', off);
  await as(page, 'staff@demo.test');
  await page.goto(`/calendar?date=${day}&practitioner=${practitioner}`);
  await expect(page.locator('.cal-back .off', { hasText: 'Dentist' }).first()).toBeAttached();
  await expect(page.locator('.cal-name p').filter({ hasText: 'Dentist' })).toHaveCount(1);
  await axe(page);
});
