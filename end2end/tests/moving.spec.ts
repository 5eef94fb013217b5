// Moving and cancelling appointments, who came, and a couple's session: with and without JavaScript.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { freeWeek, toast, unfold } from './steps.ts';

test('staff move an appointment, and say who came', async ({ page, desk }) => {
  const client = await desk.member();
  const { url, id } = await desk.book(client);
  await as(page, 'staff@demo.test');
  await page.goto(url);
  await follow(page.getByRole('main').getByRole('link', { name: 'Move', exact: true }));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Move appointment');
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Move appointment' }))).toBe(422);
  await expect(page.locator('#f-starts-at')).toHaveText('Choose a time.');
  await page.locator('label.time').last().click();
  await expect(page.getByLabel('Room')).toHaveValue('');
  expect(await follow(page.getByRole('button', { name: 'Move appointment' }))).toBe(200);
  await toast(page, 'Moved: ');
  expect(page.url()).toContain(id);

  const person = page.getByRole('form', { name: `Attendance of ${client.name}` });
  await follow(person.getByRole('button', { name: 'Arrived' }));
  await expect(person.getByRole('button', { name: 'Arrived' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('[data-participant]')).toContainText('arrived');
  await follow(person.getByRole('button', { name: 'Expected' }));
  await expect(page.locator('[data-participant]')).not.toContainText('arrived');
  await axe(page);
});

test('a cancellation with a reason is undone while the time is free', async ({ page, desk }) => {
  const { url } = await desk.book(await desk.client());
  await as(page, 'staff@demo.test');
  await page.goto(url);
  await unfold(page, 'Cancel this appointment');
  await page.getByLabel('Reason').fill('The room has no heating');
  expect(await follow(page.getByRole('button', { name: 'Cancel appointment' }))).toBe(200);
  await expect(page.getByRole('main')).toContainText('The room has no heating');
  expect(await follow(page.getByRole('button', { name: 'Restore appointment' }))).toBe(200);
  await expect(page.locator('.sub')).toContainText('Confirmed');
});

test('a client moves their own appointment to a time that is offered @portal', async ({ page, desk }) => {
  const client = await desk.member();
  await desk.book(client);
  await as(page, client.email);
  await page.goto('/my/appointments');
  await follow(page.getByRole('article').getByRole('link', { name: 'Move' }));
  await axe(page);
  await page.locator('label.time').last().click();
  expect(await follow(page.getByRole('button', { name: 'Move appointment' }))).toBe(200);
  await toast(page, 'Moved: ');
  await expect(page.getByRole('article')).toHaveCount(1);
});

test('a time is kept while the client thinks about it @portal', async ({ page, desk }) => {
  const client = await desk.member();
  await as(page, client.email);
  await page.goto('/book');
  await follow(page.getByRole('link', { name: /^Counselling session/ }));
  await follow((await freeWeek(page)).last());
  await expect(page.getByRole('main')).toContainText('We’re keeping this time for you until');
  await page.goto('/book');
  await follow(page.getByRole('link', { name: 'Finish booking' }));
  expect(await follow(page.getByRole('button', { name: 'Book appointment' }))).toBe(200);
  await toast(page, 'Booked: Counselling session');
});
