// Booking and cancelling, in the portal and at the front desk.
import { as, expect, follow, hasJavaScript, someDay, test, word, type Client } from '../fixtures.ts';
import { bookOnline, card, chooseTime, field, fillClient, openForm, pick, refused, row, section, somebody, toast, unfold, venueDate } from './steps.ts';
import type { Page } from '@playwright/test';

const TAKEN = 'This time was just booked. Choose another.';

test.describe('in the portal', () => {
  test('whoever has no linked clients is not asked for whom', async ({ page }) => {
    await as(page, 'unlinked@demo.test');
    await page.goto('/my/appointments');
    await follow(page.getByRole('main').getByRole('link', { name: 'Book an appointment' }));
    const [form] = await chooseTime(page, 'Counselling session');
    await expect(form.getByRole('heading', { name: 'Confirm your appointment' })).toBeVisible();
    await expect(form.getByRole('radio')).toHaveCount(0);
    await expect(form).toContainText('50 min');
    await expect(form).toContainText('Maple & Birch, Riverdale');
    if (hasJavaScript()) await form.getByRole('button', { name: 'Back' }).click();

    const { start } = await bookOnline(page, 'Counselling session');
    await toast(page, 'Appointment booked.');
    const mine = card(page, start);
    await expect(mine).toContainText('Counselling session');
    await expect(mine).not.toContainText('For ');

    await follow(mine.getByRole('link', { name: 'Cancel' }));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cancel this appointment?');
    expect(await follow(page.getByRole('button', { name: 'Cancel appointment' }))).toBe(200);
    await toast(page, 'Appointment cancelled.');
    await expect(mine).toContainText('Cancelled');
    await expect(mine.getByRole('link', { name: 'Cancel' })).toHaveCount(0);
  });

  test('a time taken meanwhile is said, and nothing else lost', async ({ page, desk }) => {
    const [parent, child, other] = [await desk.member(), await desk.client({ email: false }), await desk.client()];
    await desk.link(parent, child, ['book']);
    await as(page, parent.email);
    const [form, { start, practitioner }] = await chooseTime(page, 'Counselling session', await desk.practitionerId('Tomás Ferreira'));
    await form.getByRole('radio', { name: child.name }).check();
    expect(await desk.take(other, start, practitioner, {})).toBe(true);
    expect(await follow(form.getByRole('button', { name: 'Book appointment' }))).toBe(409);
    await expect(page.getByRole('alert').filter({ hasText: TAKEN })).toBeVisible();

    if (hasJavaScript()) {
      await expect(page.getByRole('link', { name: 'Counselling session' })).toHaveAttribute('aria-current', 'true');
      await expect(page.locator(`a.time[href*="with=${practitioner}&start=${start}"]`)).toHaveCount(0);
      await page.locator('a.time').first().click();
      await expect(page.getByRole('radio', { name: child.name })).toBeChecked();
    } else {
      await expect(page.getByRole('radio', { name: child.name })).toBeChecked();
      await follow(page.getByRole('link', { name: 'Choose another time' }));
      await follow(page.locator('a.time').first());
    }
    await page.getByRole('radio', { name: child.name }).check();
    expect(await follow(page.getByRole('button', { name: 'Book appointment' }))).toBe(200);
    await expect(page.getByRole('article')).toHaveCount(1);
    await expect(page.getByRole('article')).toContainText(`For ${child.name}`);
  });

  test('a time at which the child is engaged is not offered for them', async ({ page, desk }) => {
    const [parent, child] = [await desk.member(), await desk.client({ email: false })];
    await desk.link(parent, child, ['book']);
    const [priya, tomas] = [await desk.practitionerId('Dr. Priya Raman'), await desk.practitionerId('Tomás Ferreira')];
    await as(page, parent.email);
    await page.goto(`/book?service=${await desk.serviceId('Counselling session')}&practitioner=${tomas}&from=${someDay()}`);
    const hrefs = await page.locator('a.time').evaluateAll((times) => times.map((time) => time.getAttribute('href')!));
    let engaged: string | undefined;
    for (const href of hrefs) {
      const start = /start=([^&]+)/.exec(href)![1]!;
      engaged = (await desk.take(child, start, priya, {})) ? href : undefined;
      if (engaged !== undefined) break;
    }
    await page.reload();
    const same = page.locator(`a.time[href="${engaged}"]`);
    if (hasJavaScript()) await same.click();
    else await follow(same);
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
      page.waitForURL(/\/my\/appointments/),
      hasJavaScript() ? button.dblclick() : button.click(),
    ]);
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
    await page.goto(`${page.url()}&from=${someDay()}`);
    const heading = page.getByRole('region', { name: 'Times' }).getByRole('heading', { level: 2 });
    const week = await heading.innerText();
    const later = page.getByRole('link', { name: 'Later' });
    if (hasJavaScript()) await later.click();
    else await follow(later);
    await expect(heading).not.toHaveText(week);
    await expect(page.locator('.day')).toHaveCount(7);
    const names = await page.locator('a.time').evaluateAll((times) => times.map((time) => time.getAttribute('aria-label')));
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
    await field(page, 'Service').selectOption(value);
    await field(page, 'From').fill(from);
    await follow(page.getByRole('button', { name: 'Show times' }));
  }

  /** Any of the free times; another when it was taken. */
  async function bookAny(page: Page, then?: () => Promise<void>): Promise<void> {
    for (let tries = 0; tries < 4; tries += 1) {
      const times = page.locator('label.time');
      await times.nth(Math.floor(Math.random() * (await times.count()))).click();
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
    const linked = page.getByLabel('Linked client');
    const option = linked.getByRole('option', { name: parent.name });
    await expect(option).toContainText('(Parent) – may book and manage appointments, receive copies of appointment emails');
    await bookAny(page, async () => {
      await linked.selectOption(await option.getAttribute('value'));
    });
    await toast(page, 'Appointment booked.');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(child.name);
    await expect(page.getByText(`${parent.name} (linked client)`)).toBeVisible();
    await expect(page.getByRole('note')).toContainText('Allergic to');
    await desk.mailed(parent.email, new RegExp(`Appointment confirmed for ${child.first}`));
  });

  test('a new client is made in place', async ({ page }) => {
    const client = somebody(word(), word());
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
    await page.goto(`/calendar?date=${date}&practitioner=${practitioner}`);
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
    await toast(page, 'Appointment cancelled.');
    await expect(page.getByText('Cancelled', { exact: true })).toBeVisible();
    const portal = await open(client.email);
    await portal.goto('/my/appointments');
    await expect(card(portal, start.toISOString().replace('.000', ''))).toContainText('Cancelled');
    await desk.mailed(client.email, /Appointment cancelled/);
  });

  /** As it is typed at the practice: `2026-03-09T09:30`. */
  function local(at: Date): string {
    const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/Toronto', timeStyle: 'short' }).format(at);
    return `${venueDate(at.toISOString())}T${time}`;
  }
});
