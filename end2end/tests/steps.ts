// What people do on the pages, where several specs do the same.
import { between, expect, follow, hasJavaScript, someDay, type Client } from '../fixtures.ts';
import type { Locator, Page } from '@playwright/test';

/** The panel, section or card with this heading. */
export function section(page: Page, heading: string | RegExp): Locator {
  return page.locator('section, article').filter({ has: page.getByRole('heading', { name: heading }) }).last();
}

/** The input with this label, be it optional or not. */
export function field(scope: Locator | Page, label: string): Locator {
  return scope.getByLabel(new RegExp(`^${label}( \\(optional\\))?$`));
}

/** What an input's error says; nothing when it is not wrong. */
export async function problem(input: Locator): Promise<string> {
  if ((await input.getAttribute('aria-invalid')) !== 'true') return '';
  const ids = ((await input.getAttribute('aria-describedby')) ?? '').split(' ');
  const error = ids.find((id) => id.endsWith('-error'));
  return error === undefined ? '' : input.page().locator(`[id="${error}"]`).innerText();
}

/** Says that this has been done, and goes away by itself. */
export async function toast(page: Page, words: string | RegExp): Promise<void> {
  await expect(page.locator('.toast')).toContainText(words);
}

/** Opens a part of a form that is folded. */
export async function unfold(scope: Locator | Page, summary: string): Promise<void> {
  const page = 'page' in scope ? scope.page() : scope;
  const details = scope.locator('details').filter({ has: page.locator('summary', { hasText: summary }) }).last();
  if ((await details.getAttribute('open')) === null) await details.locator('summary').first().click();
}

/** A client is created on the page for it, which is open. */
export async function fillClient(scope: Locator | Page, client: { first: string; last: string; email: string }): Promise<void> {
  await scope.getByLabel('First name').fill(client.first);
  await scope.getByLabel('Last name').fill(client.last);
  await scope.getByLabel('Email', { exact: true }).fill(client.email);
  if (client.email === '') await scope.getByLabel('Send email').uncheck();
}

/** Opens the form of a new client: the window, or without JavaScript the page. Gives back where it is. */
export async function openForm(opener: Locator): Promise<Locator> {
  const page = opener.page();
  if (!hasJavaScript()) {
    await follow(opener);
    return page.getByRole('main');
  }
  await opener.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.locator('form')).toBeVisible();
  return dialog;
}

/** Opens the form of a new client from any page: by the bar, or on a phone by the account's menu. */
export async function quickAdd(page: Page): Promise<Locator> {
  if ((page.viewportSize()?.width ?? 1280) >= 896) return openForm(page.getByRole('link', { name: 'Quick add' }));
  await page.locator('.topbar details.menu summary').click();
  return openForm(page.locator('.menu-list').getByRole('link', { name: /^New / }));
}

/** Sends the form that [`openForm`] opened and that is refused; gives back the status. */
export async function refused(button: Locator): Promise<number> {
  if (!hasJavaScript()) return follow(button);
  const [answer] = await Promise.all([
    // While one types the form asks who may be the same: that is another answer.
    button.page().waitForResponse(
      (answer) =>
        answer.request().method() === 'POST' && answer.status() !== 303 && !answer.url().endsWith('/fn/clients/likely'),
    ),
    button.click(),
  ]);
  await expect(button.page().getByRole('dialog').locator('.error-summary')).toBeVisible();
  return answer.status();
}

/** Finds a client in *All clients* and opens their profile. */
export async function openProfile(page: Page, name: string): Promise<void> {
  await page.goto('/clients');
  await page.getByRole('searchbox', { name: 'Search' }).fill(name);
  const row = page.getByRole('link', { name, exact: true });
  if (!hasJavaScript()) await follow(page.getByRole('button', { name: 'Search' }));
  await follow(row);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
}

/** Finds a client with the picker of this label, and goes on with them. */
export async function pick(page: Page, label: string, client: { name: string }): Promise<void> {
  await page.getByLabel(label).fill(client.name);
  if (hasJavaScript()) await page.getByRole('option', { name: client.name }).click();
  await follow(page.getByRole('button', { name: 'Continue' }));
  if (!hasJavaScript()) await follow(page.getByRole('listitem').getByRole('link', { name: client.name }));
}

/** Opens the newest mail to `address` with this subject, in the outbox of an administrator. */
export async function openMail(page: Page, address: string, subject: RegExp): Promise<void> {
  const row = page.getByRole('row').filter({ hasText: address }).filter({ hasText: subject });
  await expect(async () => {
    await page.goto('/settings/outbox');
    await expect(row).not.toHaveCount(0, { timeout: 1 });
  }).toPass({ timeout: 20_000, intervals: [300] });
  await follow(row.first().getByRole('link'));
}

/** A new window for the link of a mail is the reader's own. */
export async function mailedLink(page: Page, what: RegExp): Promise<string> {
  const href = await page.getByRole('link', { name: what }).getAttribute('href');
  return new URL(href!).pathname;
}

export interface Chosen {
  /** RFC 3339, in UTC. */
  start: string;
  /** The date at the venue, `2026-03-09`. */
  date: string;
  practitioner: string;
}

/** From the page of a week, which others may have filled, to one with times: those that are booked right away. */
export async function freeWeek(page: Page, more = ''): Promise<Locator> {
  // The others are requests.
  const times = page.locator('.day button.time').filter({ hasNotText: 'Ask us' });
  const week = page.url();
  await expect(async () => {
    await page.goto(`${week}${more}&from=${someDay()}`);
    expect(await times.count()).toBeGreaterThan(0);
  }).toPass();
  return times;
}

/** In the portal, from the first question to the last step with a time that is free, which is kept from then on. */
export async function chooseTime(page: Page, service: string, practitioner = '', attendee?: string): Promise<[Locator, Chosen]> {
  await page.goto('/book');
  if (await page.getByRole('heading', { name: 'Who is it for?' }).isVisible()) {
    await follow(page.locator('a.service-card').filter({ hasText: attendee ?? /You$/ }).first());
  }
  await follow(page.getByRole('link', { name: service }));
  const times = await freeWeek(page, practitioner && `&practitioner=${practitioner}`);
  const time = times.nth(between(0, await times.count()));
  const [start, who] = (await time.getAttribute('value'))!.split(' ');
  await follow(time);
  return [page.getByRole('main'), { start: start!, date: venueDate(start!), practitioner: who! }];
}

/** Books in the portal, for `attendee` if that is asked; another time when the first was taken. */
export async function bookOnline(page: Page, service: string, attendee?: string): Promise<Chosen> {
  for (let tries = 0; tries < 4; tries += 1) {
    const [form, chosen] = await chooseTime(page, service, '', attendee);
    if ((await follow(form.getByRole('button', { name: 'Book appointment' }))) === 200) return chosen;
  }
  throw new Error('every time was taken');
}

/** The card of *My appointments* that begins then. */
export function card(page: Page, start: string): Locator {
  return page.getByRole('article').filter({ has: page.locator(`time[datetime="${start}"]`) });
}

/** The row of a day's list that begins then. */
export function row(page: Page, start: string): Locator {
  return page.locator('.slot-row').filter({ has: page.locator(`time[datetime="${start}"]`) });
}

/** The date at the practice. */
export function venueDate(start: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Toronto' }).format(new Date(start));
}

/** A new client's mail address and name, not yet anybody's. */
export function person(first: string, last: string): Pick<Client, 'first' | 'last' | 'name' | 'email'> {
  return { first, last, name: `${first} ${last}`, email: `${first}.${last}@example.com`.toLowerCase() };
}
