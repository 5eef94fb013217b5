// The waiting list: a time that is cancelled is offered to someone who waits, who takes it; a
// client joins and leaves in the portal; a series goes on.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { section, toast, unfold, venueDate } from './steps.ts';

/** Whether offers are sent now: not in the evening and at night at the practice. */
function offersAreSent(): boolean {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: 'America/Toronto', hour: '2-digit', hourCycle: 'h23' }).format(new Date()));
  return hour >= 8 && hour < 21;
}

test('a time that was cancelled is offered to someone who waits, who takes it', async ({ page, desk, open }) => {
  test.slow();
  const [mia, leo] = [await desk.client(), await desk.client({ email: false })];
  const booked = await desk.book(leo);
  const day = venueDate(booked.start.toISOString());
  await as(page, 'staff@demo.test');
  await page.goto(mia.url);
  await follow(section(page, 'Waiting list').getByRole('link', { name: 'Add to waiting list' }));
  await page.getByLabel('Service').selectOption('Counselling session');
  await page.getByLabel('First day').fill(day);
  await page.getByLabel('Last day').fill('2020-01-01');
  expect(await follow(page.getByRole('button', { name: 'Add to waiting list' }))).toBe(422);
  await expect(page.getByRole('alert')).toContainText('The end must be after the start');
  await expect(page.getByLabel('First day')).toHaveValue(day);
  await axe(page);
  await page.getByLabel('Last day').fill(day);
  await page.getByLabel('Note').fill('🦊 <b>mornings</b>');
  await follow(page.getByRole('button', { name: 'Add to waiting list' }));
  await toast(page, 'Added to the waiting list.');
  const entry = page.getByRole('row').filter({ hasText: mia.name });
  await expect(entry).toContainText('🦊 <b>mornings</b>');
  await axe(page);

  await page.goto(booked.url);
  await unfold(page, 'Cancel this appointment');
  await follow(page.getByRole('button', { name: 'Cancel appointment' }));
  await expect(page.getByRole('heading', { name: /waiting fits? the time that became free/ })).toBeVisible();
  await axe(page);
  const offer = page.getByRole('button', { name: `Offer to ${mia.name}` });
  if (!offersAreSent()) {
    expect(await follow(offer)).toBe(409);
    await expect(page.getByRole('alert')).toContainText('between 9 pm and 8 am');
    return;
  }
  await follow(offer);
  await expect(page.locator('.toast')).toBeVisible();
  await page.goto('/waiting-list');
  await expect(entry).toContainText('left to answer');
  await axe(page);

  const link = await desk.mailed(mia.email, /\/offers\/[\w-]+/);
  const theirs = await open();
  await theirs.goto(link);
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('A time is free');
  await axe(theirs);
  await follow(theirs.getByRole('button', { name: 'Take this time' }));
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('You took this time');
  await expect(theirs.getByRole('button', { name: 'Take this time' })).toHaveCount(0);

  await page.goto('/waiting-list');
  await expect(entry).toHaveCount(0);
  await page.goto(mia.url);
  await expect(section(page, 'Appointments')).toContainText('Counselling session');
});

test('a client joins the waiting list when no time suits, and leaves it', async ({ page, desk }) => {
  const parent = await desk.member();
  const child = await desk.client({ email: false });
  await desk.link(parent, child, ['book']);
  await as(page, parent.email);
  await page.goto(`/book?service=${await desk.serviceId('Counselling session')}`);
  await follow(page.getByRole('link', { name: child.name }));
  await follow(page.getByRole('link', { name: 'Join the waiting list' }));
  await page.getByLabel('Who is it for?').selectOption(child.name);
  await axe(page);
  await follow(page.getByRole('button', { name: 'Join the waiting list' }));
  await toast(page, 'You’re on the waiting list.');
  const card = page.getByRole('article').filter({ hasText: `For ${child.name}` });
  await expect(card).toContainText('Counselling session');
  await axe(page);

  // The permission goes, and with it the entry.
  await desk.unlink(parent, child);
  await page.reload();
  await expect(card).toHaveCount(0);
  await desk.link(parent, child, ['book']);
  await page.reload();
  await follow(card.getByRole('button', { name: /^Leave the waiting list/ }));
  await toast(page, 'You’re no longer on the waiting list.');
  await expect(card).toHaveCount(0);
});

test('a series goes on with more dates', async ({ page, desk }) => {
  const mia = await desk.client({ email: false });
  const { start, practitioner } = await desk.book(await desk.client({ email: false }));
  await as(page, 'staff@demo.test');
  // Late in the evening, when everyone is free and outside hours.
  const first = `${venueDate(start.toISOString())}T21:00`;
  const service = await desk.serviceId('Counselling session');
  const rule = `starts=${first}&frequency=weekly&count=2`;
  await page.goto(`/appointments/series/new?client=${mia.number}&service=${service}&practitioner=${practitioner}&${rule}`);
  for (const choice of await page.getByLabel(/^Choice for /).all()) await choice.selectOption('Book anyway');
  await follow(page.getByRole('button', { name: 'Book 2 appointments' }));
  await follow(page.getByRole('link', { name: 'Add more dates' }));
  await page.getByRole('spinbutton', { name: 'Number of appointments' }).fill('2');
  await follow(page.getByRole('button', { name: 'Show dates' }));
  await expect(page.locator('tr[data-date]')).toHaveCount(2);
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Book 2 appointments' }))).toBe(409);
  for (const choice of await page.getByLabel(/^Choice for /).all()) await choice.selectOption('Book anyway');
  await follow(page.getByRole('button', { name: 'Book 2 appointments' }));
  await toast(page, 'Dates added.');
  await expect(page.getByRole('table', { name: 'Appointments of the series' }).locator('tbody tr')).toHaveCount(4);
});
