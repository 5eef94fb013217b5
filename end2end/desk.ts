// What a test needs to be there before it begins, made as the front desk makes it: with the posts
// that the forms send, without the pages around them. Everything has a name of its own, so that
// tests run side by side and again on the same database.
import { request, type APIRequestContext, type APIResponse } from '@playwright/test';
import { setTimeout as pause } from 'node:timers/promises';
import { between, oneOf } from './random.ts';

/** The password of every demo log-in, and of every log-in that a test makes. */
export const PASSWORD = 'kindred-demo-1';

/** For how long a login is used, in milliseconds: the password stands for five minutes, and a test takes
 * up to one and a half. */
export const FRESH = 3 * 60_000;

export interface Client {
  number: string;
  first: string;
  last: string;
  name: string;
  /** Empty for those who have none. */
  email: string;
  /** The profile. */
  url: string;
}

export type Grant = 'book' | 'forms' | 'copies' | 'packages';

export interface Booked {
  id: string;
  /** Of staff; the portal's is the same number elsewhere. */
  url: string;
  start: Date;
  practitioner: string;
}

export interface Offer {
  service?: string;
  practitioner?: string;
}

/** A word that no other test has, to be said like a name. Without an e, so that no label ("name", "date", "note") is in it. */
export function word(): string {
  const syllables = Array.from({ length: 4 }, () => oneOf('bdfgklmnprstvz') + oneOf('aiouy'));
  const text = syllables.join('');
  return text[0]!.toUpperCase() + text.slice(1);
}

/** A day that no other test is likely to use, with free times around it. */
export function someDay(): string {
  const days = between(30, 350);
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Logs an account in, without a page. */
export async function enter(api: APIRequestContext, username: string): Promise<void> {
  await post(api, '/fn/accounts/login', named({ username, password: PASSWORD }));
}

/** A session in which every page is answered, and no page is shown. */
async function session(baseURL: string, username: string): Promise<APIRequestContext> {
  const api = await request.newContext({ baseURL, extraHTTPHeaders: { accept: 'text/html' } });
  await enter(api, username);
  return api;
}

/** Sends a form as a browser does, and gives back where it leads. */
async function post(api: APIRequestContext, action: string, form: Record<string, string>): Promise<string> {
  let answer = await send(api, action, form);
  // What matters asks for the password again, five minutes after it was given.
  if (answer.status() === 403) answer = await send(api, action, { ...form, _confirm: PASSWORD });
  const to = answer.headers().location;
  if (answer.status() !== 303 || to === undefined) throw new Error(`${action}: ${answer.status()}\n${await answer.text()}`);
  return to;
}

function send(api: APIRequestContext, action: string, form: Record<string, string>): Promise<APIResponse> {
  return api.post(action, { form, maxRedirects: 0, headers: { accept: 'text/html' } });
}

export class Desk {
  private since = Date.now();

  private constructor(
    private readonly staff: APIRequestContext,
    private readonly admin: APIRequestContext,
    private readonly baseURL: string,
  ) {}

  /** The front desk, who gave their password a moment ago. */
  private async proven(): Promise<APIRequestContext> {
    if (Date.now() - this.since > FRESH) {
      await enter(this.staff, 'staff@demo.test');
      this.since = Date.now();
    }
    return this.staff;
  }

  static async open(baseURL: string): Promise<Desk> {
    return new Desk(await session(baseURL, 'staff@demo.test'), await session(baseURL, 'admin@demo.test'), baseURL);
  }

  async close(): Promise<void> {
    await Promise.all([this.staff.dispose(), this.admin.dispose()]);
  }

  /** A client with an email address, or without one. `fields` are those of the form. */
  async client(given: { first?: string; last?: string; email?: boolean } = {}, fields: Record<string, string> = {}): Promise<Client> {
    const { first = word(), last = word() } = given;
    const email = given.email === false ? '' : `${first}.${last}@example.com`.toLowerCase();
    const form: Record<string, string> = { first_name: first, last_name: last, zone: 'America/Toronto', email, ...fields };
    if (email !== '') form.email_consent = 'true';
    const to = await post(this.staff, '/fn/clients/create', named(form));
    const number = /^\/clients\/(\d+)/.exec(to)![1]!;
    return { number, first, last, name: `${first} ${last}`, email, url: `/clients/${number}` };
  }

  /** Links a parent to a child, to whom the parent is allowed `grants`. */
  async link(parent: Client, child: Client, grants: Grant[]): Promise<void> {
    const form: Record<string, string> = { other_label: 'parent', own_label: 'child' };
    for (const grant of grants) form[`other_may.${grant}`] = 'true';
    await post(await this.proven(), '/fn/links/create', { number: child.number, other: parent.number, ...named(form) });
  }

  async unlink(one: Client, other: Client): Promise<void> {
    await post(this.staff, '/fn/links/remove', { number: one.number, other: other.number });
  }

  async setStatus(client: Client, status: string): Promise<void> {
    await post(this.staff, '/fn/clients/set_status', { change: `${client.number}:${status}` });
  }

  /** Sends the welcome email, and gives back the link in it. */
  async invite(client: Client): Promise<string> {
    const earlier = await this.mails(client.email);
    await post(this.staff, '/fn/accounts/invite', { number: client.number });
    return this.mailed(client.email, /\/claim\/[\w-]+/, earlier);
  }

  /** Gives the client a log-in: their email address and [`PASSWORD`]. */
  async claim(client: Client): Promise<void> {
    const token = (await this.invite(client)).split('/').pop()!;
    const api = await request.newContext({ baseURL: this.baseURL, extraHTTPHeaders: { accept: 'text/html' } });
    const form = { token, username: client.email, password: PASSWORD, again: PASSWORD };
    await post(api, '/fn/accounts/claim', named(form));
    await api.dispose();
  }

  /** A client who may log in. */
  async member(given: { first?: string; last?: string } = {}): Promise<Client> {
    const client = await this.client(given);
    await this.claim(client);
    return client;
  }

  /** Removes a log-in, and with it the sessions. */
  async removeLogin(client: Client): Promise<void> {
    await post(this.staff, '/fn/accounts/remove_login', { number: client.number });
  }

  /** Books at any free time. */
  async book(client: Client, proxy: Client | null = null, offer: Offer = {}): Promise<Booked> {
    for (let tries = 0; tries < 5; tries += 1) {
      const html = await this.times(client, offer, someDay());
      const slots = [...html.matchAll(/name="form\[slot\]" value="([^"]+)"/g)].map((match) => match[1]!);
      const slot = slots[between(0, slots.length)];
      if (slot === undefined) continue;
      const booked = await this.bookAt(client, slot, html, proxy);
      if (booked !== null) return booked;
    }
    throw new Error('no free time was found');
  }

  /** Books at exactly this time; `false` when it is not free. */
  async take(client: Client, start: string, practitioner: string, offer: Offer): Promise<boolean> {
    const html = await this.times(client, offer, start.slice(0, 10));
    return (await this.bookAt(client, `${start} ${practitioner}`, html, null)) !== null;
  }

  private async times(client: Client, { service = 'Counselling session', practitioner }: Offer, from: string): Promise<string> {
    const query = new URLSearchParams({ client: client.number, service: await this.serviceId(service), from });
    if (practitioner !== undefined) query.set('practitioner', await this.practitionerId(practitioner));
    return (await this.staff.get(`/appointments/new?${query}`)).text();
  }

  private async bookAt(client: Client, slot: string, page: string, proxy: Client | null): Promise<Booked | null> {
    const field = (name: string) => new RegExp(`name="form\\[${name}\\]" value="([^"]*)"`).exec(page)![1]!;
    const form: Record<string, string> = { slot };
    for (const name of ['client', 'service', 'request_key']) form[name] = field(name);
    if (proxy !== null) form.proxy = new RegExp(`<option value="([^"]+)"[^>]*>${proxy.name}\\b`).exec(page)![1]!;
    const answer = await send(this.staff, '/fn/appointments/book', named(form));
    if (answer.status() === 409) return null;
    const url = answer.headers().location?.split('?')[0];
    if (url === undefined) throw new Error(`${client.name} was not booked: ${answer.status()}`);
    const [start, practitioner] = slot.split(' ') as [string, string];
    return { id: url.split('/').pop()!, url, start: new Date(start), practitioner };
  }

  /** Waits for a mail to `address` in the outbox that has `what` in it, and gives that back. Not one
   * of the `earlier` mails. */
  async mailed(address: string, what: RegExp, earlier: string[] = []): Promise<string> {
    const read = new Set(earlier);
    for (let tries = 0; tries < 120; tries += 1) {
      for (const id of (await this.mails(address)).filter((id) => !read.has(id))) {
        read.add(id);
        const found = what.exec(await (await this.admin.get(`/settings/outbox/${id}`)).text());
        if (found !== null) return found[0];
      }
      await pause(250);
    }
    throw new Error(`no mail to ${address} has ${what}`);
  }

  /** The subjects of the mails to `address` among the newest. */
  async mailSubjects(address: string): Promise<string[]> {
    return (await this.mailRows(address)).map(([, subject]) => subject);
  }

  private async mails(address: string): Promise<string[]> {
    return (await this.mailRows(address)).map(([id]) => id);
  }

  private async mailRows(address: string): Promise<[id: string, subject: string][]> {
    // Two pages: beside this test others may send more mails than one page shows.
    const pages = await Promise.all([1, 2].map(async (page) => (await this.admin.get(`/settings/outbox?page=${page}`)).text()));
    const rows = pages.join('').split('<tr>').filter((row) => row.includes(`>${address}<`));
    return rows.map((row) => {
      const [, id, subject] = /\/settings\/outbox\/([\w-]+)"[^>]*>([^<]*)/.exec(row)!;
      return [id!, subject!];
    });
  }

  /** Sends a form of the front desk, with `ids` beside its fields; gives back where it leads. */
  async send(action: string, form: Record<string, string>, ids: Record<string, string> = {}): Promise<string> {
    return post(this.staff, action, { ...ids, ...named(form) });
  }

  /** How a page is answered. */
  async status(path: string): Promise<number> {
    return (await this.staff.get(path)).status();
  }

  /** The first match in a page that an administrator sees. */
  async find(path: string, what: RegExp): Promise<string> {
    const found = what.exec(await (await this.admin.get(path)).text());
    if (found === null) throw new Error(`${path} has no ${what}`);
    return found[1] ?? found[0];
  }

  async serviceId(name: string): Promise<string> {
    const html = await (await this.staff.get('/settings/services')).text();
    return new RegExp(`/settings/services/([\\w-]+)"[^>]*>${name}<`).exec(html)![1]!;
  }

  async practitionerId(name: string): Promise<string> {
    const html = await (await this.staff.get('/settings/practitioners')).text();
    const row = html.split('<tr>').find((row) => row.includes(`>${name}<`));
    return /\/settings\/practitioners\/([\w-]+)/.exec(row ?? '')![1]!;
  }
}

/** `other_may.book` as its input is called, `form[other_may][book]`. */
function named(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      const list = field.endsWith('[]');
      const parts = (list ? field.slice(0, -2) : field).split('.').map((part) => (/^\d.{35}$/.test(part) ? `[f-${part}]` : `[${part}]`));
      return [`form${parts.join('')}${list ? '[]' : ''}`, value];
    }),
  );
}
