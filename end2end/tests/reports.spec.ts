// Reports: what was logged, added up, on the page and as a file.
import { as, axe, between, expect, follow, hasJavaScript, test } from '../fixtures.ts';
import { field } from './steps.ts';
import type { Client } from '../fixtures.ts';
import type { Page } from '@playwright/test';

/** A birthday of which no other test thinks, and the eighteenth after it with the day before. */
function birthday(): [born: string, eve: string, day: string] {
  const born = new Date(Date.UTC(1900, 0, 2 + between(0, 36_000)));
  const day = new Date(born);
  day.setUTCFullYear(born.getUTCFullYear() + 18);
  const iso = (date: Date) => date.toISOString().slice(0, 10);
  return [iso(born), iso(new Date(day.getTime() - 86_400_000)), iso(day)];
}

async function log(page: Page, client: Client, date: string, hours: string): Promise<void> {
  await page.goto(`/activities/new?client=${client.number}`);
  await page.getByLabel('Type').selectOption({ label: 'Assessment' });
  await page.getByLabel('Date').fill(date);
  await page.getByLabel('Hours', { exact: true }).fill(hours);
  await field(page, 'Setting').selectOption({ label: 'Hospital' });
  await follow(page.locator('.form-actions').getByRole('button', { name: 'Save activity' }));
}

test.beforeEach(async ({ page }) => as(page, 'admin@demo.test'));

test('hours, people and their ages at the session', async ({ page, desk }) => {
  const [born, eve, day] = birthday();
  const client = await desk.client({ email: false }, { birth_date: born });
  await log(page, client, eve, '1:00');
  await log(page, client, day, '0:45');
  await page.goto('/reports');
  await page.getByLabel('Staff member').selectOption({ label: "Everyone’s" });
  await page.getByLabel('Period').selectOption({ label: 'Own dates' });
  await page.getByLabel('Custom range: from').fill(eve);
  await page.getByLabel('to', { exact: true }).fill(day);
  await follow(page.getByRole('button', { name: 'Show' }));
  const row = (table: string, name: string) => page.getByRole('table', { name: table }).getByRole('row', { name });
  await expect(row('Hours by type', 'Assessment')).toContainText('1:45');
  await expect(row('Hours by setting', 'Hospital')).toContainText('100 %');
  await expect(page.getByRole('img', { name: /^Chart: Hours by setting/ })).toContainText('1:45');
  await expect(row('Hours by setting', 'Not recorded')).toContainText('0:00');
  // Once in each range, whatever the years: 17 on the eve, 18 on the day.
  await expect(row('Individuals by age range', '13 to 17')).toContainText('1');
  await expect(row('Individuals by age range', '18 to 29')).toContainText('1');
  await expect(row('Individuals by gender', 'Not recorded')).toContainText('1');
  await axe(page);

  const answer = await page.request.get(`/reports.csv?whose=all&period=dates&from=${eve}&to=${day}&table=ages`);
  expect(answer.headers()['content-disposition']).toContain(`report-${eve}-${day}.csv`);
  expect(decodeURIComponent(answer.headers()['content-disposition'] ?? '')).toContain(`report-Everyone-${eve}-${day}.csv`);
  const text = await answer.text();
  expect(text.replace(/^\uFEFF/, '').trimEnd().split('\r\n')).toEqual([
    'Table,Row,Activities,Minutes,Hours,Seen',
    'Individuals by age range,13 to 17,,,,1',
    'Individuals by age range,18 to 29,,,,1',
    'Individuals by age range,Not recorded,,,,0',
  ]);
});

test('of several months the hours stand by month and type, and the file has all of it', async ({ page, desk }) => {
  const [, eve] = birthday();
  const later = new Date(new Date(eve).getTime() + 40 * 86_400_000).toISOString().slice(0, 10);
  const client = await desk.client({ email: false });
  await log(page, client, eve, '1:00');
  await log(page, client, later, '0:45');
  await page.goto(`/reports?whose=all&period=dates&from=${eve}&to=${later}`);
  const figure = page.getByRole('figure', { name: 'Hours by month and type' });
  const table = figure.getByRole('table');
  // A chart of the same, and a table under it.
  await expect(figure.getByRole('img', { name: 'Chart: Hours by month and type.' })).toBeVisible();
  const columns = figure.locator('svg rect');
  await expect(columns).toHaveCount(2);
  const heights = await columns.evaluateAll((all) => all.map((one) => Number(one.getAttribute('height'))));
  expect(heights[0]! / heights[1]!).toBeCloseTo(60 / 45, 1);
  const month = (date: string) => new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(date));
  await expect(table.getByRole('row', { name: month(eve) })).toContainText('1:00');
  await expect(table.getByRole('row', { name: month(later) })).toContainText('0:45');
  await expect(table.getByRole('row', { name: 'Total' })).toContainText('1:45');
  await axe(page);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  if (hasJavaScript()) {
    await page.evaluate(() => { window.print = () => document.body.setAttribute('data-printed', ''); });
    await page.getByRole('button', { name: 'Print' }).click();
    await expect(page.locator('body[data-printed]')).toBeAttached();
  } else {
    await expect(page.getByRole('button', { name: 'Print' })).toBeHidden();
  }
  const file = await (await page.request.get(`/reports.csv?whose=all&period=dates&from=${eve}&to=${later}`)).text();
  for (const line of ['All,All,2,105,1.75,', 'All,Individuals,,,,1', 'All,Families,,,,0', `Hours by month and type,"${month(eve)}, Assessment",1,60,1.00,`]) {
    expect(file).toContain(`\r\n${line}\r\n`);
  }
});

test('a period without activities says so, and wrong dates say what is wrong', async ({ page }) => {
  await page.goto('/reports?whose=all&period=dates&from=1901-01-01&to=1901-01-31');
  await expect(page.getByRole('heading', { name: 'Nothing logged in this period' })).toBeVisible();
  await axe(page);
  await page.goto('/reports?whose=all&period=dates&from=2026-02-01&to=2026-01-01');
  await expect(page.getByRole('alert')).toContainText('To: The end must be after the start.');
  await axe(page);
});

test("a practitioner reports on their own activities only", async ({ page }) => {
  await as(page, 'practitioner@demo.test');
  await page.goto('/reports');
  await expect(page.getByLabel('Staff member').getByRole('option')).toHaveText(['My own', 'Those I supervise']);
  const answer = await page.goto('/reports?whose=all');
  expect(answer?.status()).toBe(403);
  expect((await page.request.get('/reports.csv?whose=all')).status()).toBe(403);
});
