// The next times that suit, two who come together, a practitioner for a client, and why a time is not
// possible: with and without JavaScript.
import { as, axe, between, expect, follow, test } from '../fixtures.ts';
import { toast, unfold } from './steps.ts';

test('the next times are found in one press and lead to the booking', async ({ page, desk }) => {
  const client = await desk.client();
  const service = await desk.serviceId('Counselling session');
  await as(page, 'staff@demo.test');
  await page.goto(`/appointments/new?client=${client.number}&service=${service}`);
  await follow(page.getByRole('link', { name: 'Find next times' }));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Find next times');
  await unfold(page, 'Wishes');
  await page.getByLabel('Mornings').check();
  await page.getByLabel('Tuesday').check();
  await follow(page.getByRole('button', { name: 'Find times' }));
  const found = page.locator('#found li');
  expect(await found.count()).toBeGreaterThan(0);
  expect(await found.count()).toBeLessThanOrEqual(5);
  for (const words of await found.allInnerTexts()) {
    expect(words).toMatch(/am/);
    expect(words).not.toContain('Tuesday');
  }
  // The wishes stand in the form.
  await expect(page.getByLabel('Mornings')).toBeChecked();
  await axe(page);
  await follow(found.last().getByRole('link', { name: /^Choose/ }));
  await expect(page.locator('input[name="form[slot]"]:checked')).toHaveCount(1);
  expect(await follow(page.getByRole('button', { name: 'Book appointment' }))).toBe(200);
  await toast(page, 'Booked: ');
});

test('two siblings are booked one after the other in one press', async ({ page, desk }) => {
  const [one, other] = [await desk.client(), await desk.client()];
  await desk.link(one, other, ['book']);
  const service = await desk.serviceId('Counselling session');
  await as(page, 'staff@demo.test');
  await page.goto(`/appointments/find?client=${one.number}&service=${service}`);
  await page.getByLabel('Together with').selectOption({ label: other.name });
  await follow(page.getByRole('button', { name: 'Find times' }));
  const found = page.locator('#found li').last();
  await expect(found).toContainText(one.name);
  await expect(found).toContainText(other.name);
  await axe(page);
  // A test beside this one may take the time first; the page then shows what is free now.
  let status = 409;
  for (let tries = 0; tries < 3 && status === 409; tries += 1) {
    status = await follow(found.getByRole('button', { name: /^Book both/ }));
  }
  expect(status).toBe(200);
  await toast(page, 'Booked: 2 appointments.');
});

test('a client is found a practitioner and booked in one press', async ({ page, desk }) => {
  const client = await desk.client();
  const service = await desk.serviceId('Counselling session');
  await as(page, 'staff@demo.test');
  await page.goto(`/clients/${client.number}`);
  await follow(page.getByRole('link', { name: 'Find a practitioner' }));
  await page.getByLabel('Service').selectOption(service);
  await follow(page.getByRole('button', { name: 'Show practitioners' }));
  await expect(page.locator('#pairs li').first()).toContainText('in common');
  await axe(page);
  // A test beside this one may take the time first; the page then shows what is free now.
  let status = 409;
  for (let tries = 0; tries < 3 && status === 409; tries += 1) {
    status = await follow(page.getByRole('button', { name: /^Book .* with / }).last());
  }
  expect(status).toBe(200);
  await toast(page, 'Booked: ');
});

test('a typed time says why it is not possible before it is booked', async ({ page, desk }) => {
  const client = await desk.client();
  const service = await desk.serviceId('Counselling session');
  await as(page, 'staff@demo.test');
  await page.goto(`/appointments/new?client=${client.number}&service=${service}`);
  await unfold(page, 'Another time');
  await page.getByLabel('Date and time').fill('2031-01-05T03:00');
  await follow(page.getByRole('button', { name: 'Check the other time' }));
  await expect(page.getByRole('status').filter({ hasText: 'doesn’t work at this time' })).toBeVisible();
  await expect(page.getByLabel('Date and time')).toHaveValue('2031-01-05T03:00');
  await axe(page);
});

test('requests have a list of their own, and a practitioner who leaves hands over', async ({ page, desk }) => {
  await as(page, 'staff@demo.test');
  await page.goto('/appointments/requests');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Requests');
  await axe(page);
  const booked = await desk.book(await desk.client(), null, { practitioner: 'Dr. Priya Raman' });
  await page.goto(`/settings/team/${booked.practitioner}/handover`);
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await page.getByLabel('Hand over to').selectOption({ index: 1 });
  await follow(page.getByRole('button', { name: 'Check' }));
  await expect(page.getByRole('columnheader', { name: 'Conflicts' })).toBeVisible();
  await axe(page);
});

test('what is booked in time off that is added later is moved in one press', async ({ page, desk }) => {
  const client = await desk.client();
  const service = await desk.serviceId('Counselling session');
  const priya = await desk.practitionerId('Dr. Priya Raman');
  // A Monday years ahead, where no other test is.
  const date = new Date(Date.UTC(2031, 0, 6 + 7 * between(0, 400))).toISOString().slice(0, 10);
  await as(page, 'staff@demo.test');
  await page.goto(`/appointments/new?client=${client.number}&service=${service}`);
  await unfold(page, 'Another time');
  await page.getByLabel('Date and time').fill(`${date}T10:00`);
  await page.locator('#f-practitioner').selectOption(priya);
  expect(await follow(page.getByRole('button', { name: 'Book appointment' }))).toBe(200);
  await page.goto('/settings/time-off');
  await page.getByLabel('Who').selectOption(priya);
  await page.getByLabel('First day').fill(date);
  await page.getByLabel(/^Reason/).fill(`Away ${date}`);
  await follow(page.getByRole('button', { name: 'Add', exact: true }));
  const row = page.getByRole('row').filter({ hasText: client.name });
  await expect(row.getByRole('combobox')).not.toHaveValue('');
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Move or keep as chosen' }))).toBe(200);
  await expect(page.getByRole('main')).toContainText('Nothing is booked during this time.');
  await page.goto('/settings/time-off');
  await follow(page.getByRole('listitem').filter({ hasText: `Away ${date}` }).getByRole('button', { name: /^Remove/ }));
});
