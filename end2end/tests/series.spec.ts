// Repeating appointments: previewed date by date, booked together, cancelled from one on.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { toast, unfold, venueDate } from './steps.ts';

/** 24-hour time on the clocks of the practice. */
function venueTime(start: Date): string {
  const parts = { timeZone: 'America/Toronto', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', parts).format(start);
}

test('dates in conflict are chosen one by one, and the series is booked whole', async ({ page, desk }) => {
  const [mia, leo] = [await desk.client({ email: false }), await desk.client({ email: false })];
  const { start, practitioner } = await desk.book(leo);
  await as(page, 'staff@demo.test');
  await page.goto(`/appointments/new?client=${mia.number}&practitioner=${practitioner}`);
  await follow(page.getByRole('link', { name: 'Repeating appointment' }));
  await page.getByLabel('Service').selectOption({ label: 'Counselling session (50 min)' });
  await page.getByLabel('First appointment').fill(`${venueDate(start.toISOString())}T${venueTime(start)}`);
  await page.getByRole('spinbutton', { name: 'Number of appointments' }).fill('1');
  await follow(page.getByRole('button', { name: 'Show dates' }));
  await expect(page.getByText('Choose a value from 2 to 200.')).toBeVisible();
  await axe(page);

  await page.getByRole('spinbutton', { name: 'Number of appointments' }).fill('3');
  await follow(page.getByRole('button', { name: 'Show dates' }));
  const rows = page.locator('tr[data-date]');
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText(leo.name);
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Book 3 appointments' }))).toBe(409);
  await expect(page.getByRole('alert').filter({ hasText: 'Nothing was booked' })).toBeVisible();

  // The first beside Leo's, the second not at all; whatever else is in the way, over it.
  for (const [index, row] of (await rows.all()).entries()) {
    const choice = row.getByLabel(/^Choice for /);
    if (index === 1) await choice.selectOption('Leave out');
    else if ((await choice.locator('option', { hasText: 'Book anyway' }).count()) > 0) await choice.selectOption('Book anyway');
  }
  await page.getByLabel('Reason for booking over conflicts').fill('Agreed with Leo');
  await follow(page.getByRole('button', { name: 'Check again' }));
  await expect(page.getByText('All 2 dates can be booked.')).toBeVisible();
  await expect(rows.first()).toContainText('Booked over conflicts');
  await expect(rows.nth(1)).toContainText('Left out');
  await follow(page.getByRole('button', { name: 'Book 2 appointments' }));
  await toast(page, 'Series booked.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(mia.name);
  await expect(page.getByRole('table', { name: 'Appointments of the series' }).locator('tbody tr')).toHaveCount(2);
  await expect(page.getByText(/^Left out: /)).toBeVisible();
  await axe(page);

  await follow(page.getByRole('link', { name: 'Appointment', exact: true }));
  await expect(page.getByText('Every week on ')).toBeVisible();
  await follow(page.getByRole('link', { name: 'All dates' }));
  await unfold(page, 'Cancel appointments of this series');
  await follow(page.getByRole('button', { name: 'Cancel appointments' }));
  await toast(page, 'Appointments cancelled.');
  await expect(page.locator('tbody .badge', { hasText: 'Cancelled' })).toHaveCount(2);
});

test('a series moves from one of its dates on', async ({ page, desk }) => {
  const mia = await desk.client({ email: false });
  const { start, practitioner } = await desk.book(await desk.client({ email: false }));
  await as(page, 'staff@demo.test');
  // Late in the evening, when everyone is free and outside hours.
  const first = `${venueDate(start.toISOString())}T21:00`;
  const service = await desk.serviceId('Counselling session');
  const rule = `starts=${first}&frequency=weekly&count=3`;
  await page.goto(`/appointments/series/new?client=${mia.number}&service=${service}&practitioner=${practitioner}&${rule}`);
  for (const choice of await page.getByLabel(/^Choice for /).all()) await choice.selectOption('Book anyway');
  await follow(page.getByRole('button', { name: 'Book 3 appointments' }));
  await follow(page.locator('tbody tr').nth(1).getByRole('link'));
  await unfold(page, 'Move appointments of this series');
  const when = page.getByLabel('New date and time');
  await when.fill((await when.inputValue()).replace('T21:00', 'T22:15'));
  expect(await follow(page.getByRole('button', { name: 'Move appointments' }))).toBe(409);
  await expect(page.getByRole('alert')).toContainText('doesn’t work at this time');
  await page.getByLabel('Move anyway').check();
  await follow(page.getByRole('button', { name: 'Move appointments' }));
  await toast(page, 'Appointments moved.');
  // The first is of the part before.
  await expect(page.locator('tbody tr')).toHaveCount(2);
  await expect(page.getByText(/10:15 pm/)).toHaveCount(2);
});
