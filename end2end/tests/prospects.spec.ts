// The pipeline, a client's week, and the colours of one's own calendar.
import { as, axe, expect, follow, someDay, test, word } from '../fixtures.ts';
import { problem, toast } from './steps.ts';

test('a prospect moves along the pipeline and becomes a client', async ({ page, desk }) => {
  const pia = await desk.client({}, { status: 'prospect' });
  await as(page, 'staff@demo.test');
  await page.goto('/clients/prospects');
  const card = page.getByRole('listitem').filter({ hasText: pia.name });
  await expect(card).toContainText('No contact yet');
  await card.getByText('Edit').click();
  await card.getByLabel('Stage').selectOption('Contacted');
  await card.getByLabel('Next step', { exact: true }).fill('Send the fees');
  await card.getByLabel('Last contact').fill('2199-01-01');
  expect(await follow(card.getByRole('button', { name: 'Save' }))).toBe(422);
  expect(await problem(card.getByLabel('Last contact'))).toMatch(/in the future/);
  await expect(card.getByLabel('Next step', { exact: true })).toHaveValue('Send the fees');
  await card.getByLabel('Last contact').fill('2026-01-05');
  await card.getByLabel('Next step due').fill('2026-01-09');
  expect(await follow(card.getByRole('button', { name: 'Save' }))).toBe(200);
  await toast(page, 'Prospect saved.');
  const column = page.getByRole('region', { name: /Contacted/ });
  await expect(column.getByRole('listitem').filter({ hasText: pia.name })).toContainText('Send the fees');
  await expect(card).toContainText(/was due/);
  await axe(page);

  await follow(card.getByRole('button', { name: /^Make .*active/ }));
  await expect(page.getByText(pia.name)).toHaveCount(0);
  await page.goto(pia.url);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Active');
});

test('who is booked for the first time is made active before', async ({ page, desk }) => {
  const pia = await desk.client({}, { status: 'prospect' });
  const service = await desk.serviceId('Counselling session');
  await as(page, 'staff@demo.test');
  const notice = page.getByText(`${pia.name} is still a prospect. Make them active to book the first appointment.`);
  const book = page.getByRole('button', { name: 'Book appointment' });
  const times = page.locator('label.time');
  await expect(async () => {
    await page.goto(`/appointments/new?client=${pia.number}&service=${service}&from=${someDay()}`);
    await expect(notice).toBeVisible();
    await expect(book).toHaveCount(0);
    await axe(page);
    await follow(page.getByRole('button', { name: 'Make active' }));
    await toast(page, /status/i);
    if ((await times.count()) === 0) {
      await desk.setStatus(pia, 'prospect');
      throw new Error('nothing is free on that day');
    }
  }).toPass();
  await expect(notice).toHaveCount(0);

  // A prospect again, while the times are shown: the person who books now is asked again.
  await desk.setStatus(pia, 'prospect');
  await times.first().click();
  expect(await follow(book)).toBe(409);
  await expect(notice).toBeVisible();
  await expect(book).toHaveCount(0);
  await follow(page.getByRole('button', { name: 'Make active' }));
  // Another person may be faster: then there are other times.
  await expect(async () => {
    await times.first().click();
    expect(await follow(book)).toBe(200);
  }).toPass();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(pia.name);
  await page.goto(pia.url);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Active');
});

test('staff and the client keep one week of availability', async ({ page, desk, open }) => {
  const who = await desk.member();
  await as(page, 'staff@demo.test');
  await page.goto(who.url);
  const panel = page.getByRole('region', { name: 'Availability' });
  await expect(panel).toContainText('No availability entered');
  await follow(panel.getByRole('link', { name: 'Edit availability' }));
  await page.getByLabel('Monday, from', { exact: true }).fill('15:00');
  await page.getByLabel('Monday, to', { exact: true }).fill('14:00');
  expect(await follow(page.getByRole('button', { name: 'Save availability' }))).toBe(422);
  await page.getByLabel('Monday, to', { exact: true }).fill('18:00');
  expect(await follow(page.getByRole('button', { name: 'Save availability' }))).toBe(200);
  await expect(panel).toContainText('3:00 pm – 6:00 pm');

  const portal = await open(who.email);
  await portal.goto('/my/availability');
  await expect(portal.getByLabel('Monday, from', { exact: true })).toHaveValue('15:00');
  await portal.getByLabel('Friday, from', { exact: true }).fill('09:00');
  await portal.getByLabel('Friday, to', { exact: true }).fill('12:00');
  await follow(portal.getByRole('button', { name: 'Save availability' }));
  await toast(portal, 'Availability saved.');
  await axe(portal);
  await page.reload();
  await expect(panel).toContainText('9:00 am – 12:00 pm');
});

test('only the viewer who chose a colour sees it', async ({ page, desk, open }) => {
  const who = await desk.client({ last: word() });
  const visit = await desk.book(who);
  await as(page, 'staff@demo.test');
  await page.goto(who.url);
  await follow(page.getByRole('button', { name: 'Purple' }));
  await expect(page.getByRole('button', { name: 'Purple' })).toHaveAttribute('aria-pressed', 'true');
  const day = `/calendar?view=list&date=${visit.start.toISOString().slice(0, 10)}`;
  await page.goto(day);
  await expect(page.getByRole('article').filter({ hasText: who.name })).toHaveClass(/colour-purple/);
  const other = await open('admin@demo.test');
  await other.goto(day);
  await expect(other.getByRole('article').filter({ hasText: who.name })).not.toHaveClass(/colour-/);
});
