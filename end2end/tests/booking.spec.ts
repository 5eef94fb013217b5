// Booking and cancelling, in the portal and at the front desk.
import { as, axe, between, expect, follow, hasJavaScript, hydrated, someDay, test, word, type Client } from '../fixtures.ts';
import { bookOnline, card, chooseTime, field, fillClient, openForm, pick, refused, row, section, person, toast, unfold, venueDate } from './steps.ts';
import type { Page } from '@playwright/test';

const TAKEN = 'This time was just booked. Choose another.';

test.describe('in the portal @portal', () => {
  test('a client without linked clients is not asked who it is for', async ({ page }) => {
    await as(page, 'unlinked@demo.test');
    await page.goto('/my/appointments');
    await follow(page.getByRole('main').getByRole('link', { name: 'Book an appointment' }));
    const [form] = await chooseTime(page, 'Counselling session');
    await expect(form.getByRole('heading', { name: 'Confirm your appointment' })).toBeVisible();
    await expect(form.getByRole('radio')).toHaveCount(0);
    await expect(form).toContainText('50 min');
    await expect(form).toContainText('Maple & Birch, Riverdale');
    await expect(form).toContainText('We’re keeping this time for you until');

    const { start } = await bookOnline(page, 'Counselling session');
    await toast(page, 'Booked: Counselling session, ');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re booked');
    await page.goto('/my/appointments');
    const mine = card(page, start);
    await expect(mine).toContainText('Counselling session');
    await expect(mine).not.toContainText('For ');

    await follow(mine.getByRole('link', { name: 'Cancel' }));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cancel this appointment?');
    expect(await follow(page.getByRole('button', { name: 'Cancel appointment' }))).toBe(200);
    await toast(page, 'Cancelled: Counselling session, ');
    await page.getByText('Cancelled (').click();
    await expect(mine).toContainText('Cancelled');
    await expect(mine.getByRole('link', { name: 'Cancel' })).toHaveCount(0);
  });

  test('a parent books in the order in which they think, and the sibling in the same visit', async ({ page, desk }) => {
    const [parent, child, other] = [await desk.member(), await desk.client({ email: false }), await desk.client({ email: false })];
    await desk.link(parent, child, ['book']);
    await desk.link(parent, other, ['book']);
    await as(page, parent.email);
    await page.goto('/book');
    await expect(page.getByRole('heading', { name: 'Who is it for?' })).toBeVisible();
    await axe(page);
    await follow(page.getByRole('link', { name: child.name }));
    await expect(page.getByRole('heading', { name: 'Choose a service' })).toBeVisible();
    await axe(page);
    await follow(page.getByRole('link', { name: 'Counselling session' }));
    await axe(page);
    // A day with little else, and a time with room right after it.
    const later = new URL(page.url());
    later.searchParams.set('practitioner', await desk.practitionerId('Tomás Ferreira'));
    later.searchParams.set('from', someDay());
    await page.goto(later.href);
    const times = page.locator('button.time');
    expect((await times.first().boundingBox())!.height).toBeGreaterThanOrEqual(44);
    const values = await times.evaluateAll((all) => all.map((time) => time.getAttribute('value')!));
    // A session lasts 50 minutes, and the sibling is offered what begins within an hour of its end.
    const minutes = values.map((value) => Date.parse(value.split(' ')[0]!) / 60_000);
    const roomy = minutes.findIndex((start) => minutes.some((next) => next >= start + 50 && next <= start + 110));
    expect(roomy).toBeGreaterThanOrEqual(0);
    await follow(times.nth(roomy));
    await expect(page.getByRole('radio', { name: child.name })).toBeChecked();
    await expect(page.getByRole('main')).toContainText('Cancel or move online');
    await axe(page);
    expect(await follow(page.getByRole('button', { name: 'Book appointment' }))).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${child.name} is booked`);
    await expect(page.getByRole('link', { name: /^Directions/ })).toHaveAttribute('href', /openstreetmap\.org/);
    await expect(page.getByRole('link', { name: 'Add to calendar' })).toBeVisible();
    await axe(page);
    await follow(page.getByRole('link', { name: other.name }));
    await axe(page);
    const beside = page.getByRole('button', { name: /^(Right after|At the same time): / }).first();
    await follow(beside);
    await expect(page.getByRole('radio', { name: other.name })).toBeChecked();
    expect(await follow(page.getByRole('button', { name: 'Book appointment' }))).toBe(200);
    await page.goto('/my/appointments');
    await expect(page.getByRole('article')).toHaveCount(2);
    await axe(page);
    await follow(page.getByRole('link', { name: other.name, exact: true }));
    await expect(page.getByRole('article')).toHaveCount(1);
  });

  test('a time taken meanwhile is said, and nothing else lost', async ({ page, desk }) => {
    const [parent, child, other] = [await desk.member(), await desk.client({ email: false }), await desk.client()];
    await desk.link(parent, child, ['book']);
    await as(page, parent.email);
    await page.goto('/book');
    await follow(page.getByRole('link', { name: child.name }));
    await follow(page.getByRole('link', { name: 'Counselling session' }));
    const tomas = await desk.practitionerId('Tomás Ferreira');
    await page.goto(`${page.url()}&practitioner=${tomas}&from=${someDay()}`);
    const time = page.locator('button.time').first();
    const [start, practitioner] = (await time.getAttribute('value'))!.split(' ');
    expect(await desk.take(other, start!, practitioner!, {})).toBe(true);
    expect(await follow(time)).toBe(409);
    await expect(page.getByRole('alert').filter({ hasText: TAKEN })).toBeVisible();
    await expect(page.locator(`button.time[value="${start} ${practitioner}"]`)).toHaveCount(0);

    await follow(page.locator('button.time').first());
    await expect(page.getByRole('radio', { name: child.name })).toBeChecked();
    expect(await follow(page.getByRole('button', { name: 'Book appointment' }))).toBe(200);
    await page.goto('/my/appointments');
    await expect(page.getByRole('article')).toHaveCount(1);
    await expect(page.getByRole('article')).toContainText(`For ${child.name}`);
  });

  test('a time at which the child is engaged is not offered for them', async ({ page, desk }) => {
    const [parent, child] = [await desk.member(), await desk.client({ email: false })];
    await desk.link(parent, child, ['book']);
    const [priya, tomas] = [await desk.practitionerId('Dr. Priya Raman'), await desk.practitionerId('Tomás Ferreira')];
    await as(page, parent.email);
    await page.goto('/book');
    await follow(page.getByRole('link', { name: child.name }));
    const times = `${page.url()}&service=${await desk.serviceId('Counselling session')}&practitioner=${tomas}&from=${someDay()}`;
    await page.goto(times);
    const values = await page.locator('button.time').evaluateAll((times) => times.map((time) => time.getAttribute('value')!));
    let engaged: string | undefined;
    for (const value of values) {
      engaged = (await desk.take(child, value.split(' ')[0]!, priya, {})) ? value : undefined;
      if (engaged !== undefined) break;
    }
    await page.reload();
    await expect(page.locator(`button.time[value="${engaged}"]`)).toHaveCount(0);
    // For the parent the time is free; in the last step the child is no choice.
    const [start] = engaged!.split(' ');
    await page.goto(`/book/confirm?service=${await desk.serviceId('Counselling session')}&with=${tomas}&start=${start}`);
    await expect(page.getByRole('radio', { name: child.name })).toBeDisabled();
    await expect(page.getByRole('radio', { name: parent.name })).toBeEnabled();
    await expect(page.getByText('Already booked at this time')).toBeVisible();
  });

  test('sent twice is booked once', async ({ page, desk }) => {
    const client = await desk.member();
    await as(page, client.email);
    const [form] = await chooseTime(page, 'First consultation');
    const button = form.getByRole('button', { name: 'Book appointment' });
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'POST'),
      page.waitForURL(/\/my\/appointments\//),
      hasJavaScript() ? button.dblclick() : button.click(),
    ]);
    await page.goto('/my/appointments');
    await expect(page.getByRole('article')).toHaveCount(1);
    const headers = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
    const again = await page.request.post('/fn/portal/book', { data: sent.postData()!, headers, maxRedirects: 0 });
    expect(again.status()).toBe(303);
    await page.reload();
    await expect(page.getByRole('article')).toHaveCount(1);
  });

  test('weeks are turned, by one practitioner if that is chosen', async ({ page }) => {
    await as(page, 'unlinked@demo.test');
    await page.goto('/book');
    await follow(page.getByRole('link', { name: 'Family session' }));
    await follow(page.getByRole('link', { name: 'Grace Liu', exact: true }));
    await axe(page);
    await page.goto(`${page.url()}&from=${someDay()}`);
    const heading = page.getByRole('region', { name: 'Times' }).getByRole('heading', { level: 2 });
    const week = await heading.innerText();
    const later = page.getByRole('link', { name: 'Later' });
    if (hasJavaScript()) await later.click();
    else await follow(later);
    await expect(heading).not.toHaveText(week);
    await expect(page.locator('.day')).toHaveCount(7);
    const names = await page.locator('button.time').evaluateAll((times) => times.map((time) => time.getAttribute('aria-label')));
    expect(names.filter((name) => !name?.includes('with Grace Liu'))).toEqual([]);
    const earlier = page.getByRole('link', { name: 'Earlier' });
    if (hasJavaScript()) await earlier.click();
    else await follow(earlier);
    await expect(heading).toHaveText(week);
  });
});

test.describe('at the front desk', () => {
  /** From the client's choice to the times of some week. */
  async function showTimes(page: Page, service: RegExp, from = someDay()): Promise<void> {
    const value = await page.getByRole('option', { name: service }).getAttribute('value');
    await field(page, 'From').fill(from);
    // With JavaScript a choice is enough.
    await Promise.all([
      hasJavaScript() ? page.waitForURL((url) => url.searchParams.get('service') === value) : null,
      field(page, 'Service').selectOption(value),
    ]);
    if (hasJavaScript()) await hydrated(page);
    else await follow(page.getByRole('button', { name: 'Show times' }));
  }

  /** Any of the free times; another when it was taken. */
  async function bookAny(page: Page, then?: () => Promise<void>): Promise<void> {
    for (let tries = 0; tries < 4; tries += 1) {
      const times = page.locator('label.time');
      await times.nth(between(0, await times.count())).click();
      await then?.();
      if ((await follow(page.getByRole('button', { name: 'Book appointment' }))) === 200) return;
    }
  }

  /** Types a date and time that is not offered. */
  async function byHand(page: Page, client: Client, local: string, practitioner: string, service: string): Promise<void> {
    await page.goto(`/appointments/new?client=${client.number}&service=${service}&practitioner=${practitioner}`);
    await unfold(page, 'Another time');
    await page.getByLabel('Date and time').fill(local);
  }

  const book = (page: Page) => follow(page.getByRole('button', { name: 'Book appointment' }));

  test.beforeEach(async ({ page }) => {
    await as(page, 'staff@demo.test');
  });

  test('a linked client is assigned, from the profile', async ({ page, desk }) => {
    const [parent, child] = [await desk.client(), await desk.client({}, { alert: `Allergic to ${word()}` })];
    await desk.link(parent, child, ['book', 'copies']);
    await page.goto(child.url);
    await follow(page.getByRole('link', { name: 'New appointment' }).first());
    await expect(page.getByRole('note')).toContainText('Allergic to');
    await showTimes(page, /^Family session/);
    const linked = page.getByLabel('Linked clients for this appointment');
    const option = linked.getByRole('option', { name: parent.name });
    await expect(option).toContainText('(Parent) – may book and manage appointments, receive copies of appointment emails');
    await bookAny(page, async () => {
      await linked.selectOption(await option.getAttribute('value'));
    });
    await toast(page, new RegExp(`Booked: Family session for ${child.name}, .* is waiting in the outbox`));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(child.name);
    await expect(page.getByText(`Only ${parent.name} is assigned`)).toBeVisible();
    await expect(page.getByRole('note')).toContainText('Allergic to');
    await desk.mailed(parent.email, new RegExp(`Appointment confirmed for ${child.first}`));
  });

  test('a new client is made in place', async ({ page }) => {
    const client = person(word(), word());
    await page.goto('/calendar');
    await follow(page.getByRole('link', { name: 'New appointment' }));
    const form = await openForm(page.getByRole('link', { name: 'New client' }));
    const create = form.getByRole('button', { name: 'Create client' });
    await fillClient(form, { ...client, email: 'nowhere' });
    expect(await refused(create)).toBe(422);
    await expect(form.getByLabel('First name')).toHaveValue(client.first);
    await form.getByLabel('Email', { exact: true }).fill(client.email);
    expect(await follow(create)).toBe(200);
    await toast(page, 'Client created.');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('New appointment');
    await expect(section(page, 'Client')).toContainText(client.name);
    await showTimes(page, /^First consultation/);
    await bookAny(page);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(client.name);
  });

  test('a client is found while typing, or by a search', async ({ page, desk }) => {
    const client = await desk.client();
    await page.goto('/appointments/new');
    const search = page.getByLabel('Search for a client');
    await search.fill(client.name.slice(0, -1));
    if (hasJavaScript()) {
      const option = page.getByRole('option', { name: client.name });
      await expect(option).toHaveAttribute('aria-selected', 'true');
      await search.press('Enter');
      await expect(page.getByRole('button', { name: 'Continue' })).toBeFocused();
      await page.getByRole('button', { name: `Remove ${client.name}` }).press('Enter');
      await expect(search).toBeFocused();
      await search.fill(client.number);
      await option.click();
      await follow(page.getByRole('button', { name: 'Continue' }));
    } else {
      await pick(page, 'Search for a client', client);
    }
    await expect(section(page, 'Client')).toContainText(`no. ${client.number}`);
    await showTimes(page, /^Telephone check-in/);
    expect(await book(page)).toBe(422);
    await expect(page.locator('#f-starts-at')).toHaveText('Choose a time.');
  });

  test('a time that is taken is booked only knowingly', async ({ page, desk }) => {
    const [one, other] = [await desk.client(), await desk.client()];
    const { start, practitioner } = await desk.book(one, null, { practitioner: 'Dr. Priya Raman' });
    const service = await desk.serviceId('Counselling session');
    const date = venueDate(start.toISOString());
    await byHand(page, other, `${date}T03:00`, practitioner, service);
    expect(await book(page)).toBe(409);
    await expect(page.getByRole('alert')).toContainText('Dr. Priya Raman doesn’t work at this time.');

    await byHand(page, other, local(start), practitioner, service);
    expect(await book(page)).toBe(409);
    await expect(page.getByRole('alert')).toContainText(`Dr. Priya Raman`);
    await expect(page.getByRole('alert')).toContainText(one.name);
    await expect(page.getByLabel('Date and time')).toHaveValue(local(start));
    await page.getByLabel('Book anyway').check();
    expect(await book(page)).toBe(200);
    await expect(page.getByRole('main').getByText('Overbooked')).toBeVisible();
    await page.goto(`/calendar?view=list&date=${date}&practitioner=${practitioner}`);
    await expect(row(page, start.toISOString().replace('.000', '')).filter({ hasText: other.name })).toContainText('Overbooked');
    await expect(row(page, start.toISOString().replace('.000', '')).filter({ hasText: one.name })).not.toContainText('Overbooked');
  });

  test('an inactive client is not booked, and why is said', async ({ page, desk }) => {
    const client = await desk.client();
    await page.goto(`/appointments/new?client=${client.number}`);
    await showTimes(page, /^Counselling session/);
    await page.locator('label.time').first().click();
    await desk.setStatus(client, 'inactive');
    expect(await book(page)).toBe(409);
    await expect(page.getByText(`${client.name} is inactive. Make them active before booking.`)).toBeVisible();
    await expect(page.locator('label.time')).toHaveCount(0);
    expect(await follow(page.getByRole('button', { name: 'Make active' }))).toBe(200);
    await bookAny(page);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(client.name);
  });

  test('staff cancels, and the client sees it', async ({ page, open, desk }) => {
    const client = await desk.member();
    const { url, start } = await desk.book(client);
    await page.goto(url);
    await unfold(page, 'Cancel this appointment');
    expect(await follow(page.getByRole('button', { name: 'Cancel appointment' }))).toBe(200);
    await toast(page, new RegExp(`Cancelled: .* for ${client.name}, .* is waiting in the outbox`));
    await expect(page.locator('.sub')).toContainText('Cancelled');
    const portal = await open(client.email);
    await portal.goto('/my/appointments');
    await portal.getByText('Cancelled (').click();
    await expect(card(portal, start.toISOString().replace('.000', ''))).toContainText('Cancelled');
    await desk.mailed(client.email, /Appointment cancelled/);
  });

  /** As it is typed at the practice: `2026-03-09T09:30`. */
  function local(at: Date): string {
    const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/Toronto', timeStyle: 'short' }).format(at);
    return `${venueDate(at.toISOString())}T${time}`;
  }
});
