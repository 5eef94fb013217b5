// What is decided for the whole practice: its word for a client, who may log in and register,
// and what must be filled in. In a practice of its own, for it changes every page.
import { as, axe, expect, follow, login, PASSWORD, word } from '../fixtures.ts';
import { practice } from '../practice.ts';
import { addresses, PAGES } from '../routes.ts';
import { bookOnline, field, fillClient, openForm, problem, quickAdd, refused, section, person, toast } from './steps.ts';
import type { Page } from '@playwright/test';

const test = practice('demo');
test.describe.configure({ mode: 'default' });

/** On the page where an administrator decides. */
async function decide(page: Page, change: () => Promise<void>): Promise<void> {
  await page.goto('/settings/practice');
  await change();
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(200);
  await toast(page, 'Practice details saved.');
}

const tick = (page: Page, label: RegExp, ticked: boolean) => decide(page, () => page.getByLabel(label).setChecked(ticked));

test('login switched off ends every session, and switched on again all accounts work as before', async ({ page, open, desk }) => {
  const client = await desk.member();
  const portal = await open(client.email);
  await portal.goto('/my/appointments');
  await expect(portal).toHaveURL(/\/my\/appointments/);

  await as(page, 'admin@demo.test');
  await tick(page, /^People may register/, false);
  await tick(page, /may log in$/, false);
  await axe(page);

  await portal.reload();
  await expect(portal).toHaveURL(/\/login/);
  await expect(portal.getByRole('link', { name: 'Register' })).toHaveCount(0);
  await portal.getByLabel('Email or username').fill(client.email);
  await portal.getByLabel('Password', { exact: true }).fill(PASSWORD);
  expect(await follow(portal.getByRole('button', { name: 'Log in' }))).toBe(401);
  await expect(portal.locator('.error-summary')).toBeVisible();
  expect((await portal.goto('/register'))?.status()).toBe(404);

  // Staff go on, and are told where they would send a link.
  const staff = await open('staff@demo.test');
  await staff.goto(client.url);
  await expect(section(staff, /^Portal$/)).toContainText('Portal login is off for all clients.');
  await expect(staff.getByRole('button', { name: 'Send a reset link' })).toHaveCount(0);
  await axe(staff);
  const form = await quickAdd(staff);
  await expect(form.getByLabel('First name')).toBeVisible();
  await expect(form.getByLabel(/^Send portal invitation/)).toHaveCount(0);

  await tick(page, /may log in$/, true);
  await login(portal, client.email);
  await expect(portal.getByRole('heading', { level: 1 })).toBeVisible();
});

test('whether people register themselves is a decision of its own', async ({ page, open }) => {
  await as(page, 'admin@demo.test');
  await tick(page, /^People may register/, false);
  const visitor = await open();
  await visitor.goto('/login');
  await expect(visitor.getByRole('link', { name: 'Register' })).toHaveCount(0);
  expect((await visitor.goto('/register'))?.status()).toBe(404);
  await tick(page, /^People may register/, true);
  await visitor.goto('/login');
  await follow(visitor.getByRole('link', { name: 'Register' }));
  await expect(visitor.getByRole('button', { name: 'Send the link' })).toBeVisible();
});

test('required fields are asked for wherever a client is created', async ({ page, open, desk }) => {
  const label = `Team ${word()}`;
  await as(page, 'admin@demo.test');
  await page.goto('/settings/fields/new');
  await field(page, 'Label').fill(label);
  for (const flag of ['Required', 'Clients see it', 'In quick-add']) await page.getByLabel(flag).check();
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(200);

  await as(page, 'staff@demo.test');
  const client = person(word(), word());
  await page.goto('/calendar');
  const form = await quickAdd(page);
  await fillClient(form, client);
  expect(await refused(form.getByRole('button', { name: 'Create client' }))).toBe(422);
  expect(await problem(form.getByLabel(label))).toMatch(/^(Enter|Choose) /);
  await expect(form.getByLabel('First name')).toHaveValue(client.first);
  await axe(page);
  await form.getByLabel(label).fill('Otters');
  expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
  await expect(section(page, /^Information$/)).toContainText('Otters');

  // So is a member of a family who is typed in place.
  const [first, last] = [word(), word()];
  await page.goto('/clients/new?kind=family');
  await page.getByLabel('Name', { exact: false }).first().fill(`The ${last}s`);
  const member = page.getByRole('group', { name: 'New client 1' });
  await member.getByLabel('First name').fill(first);
  await member.getByLabel('Last name').fill(last);
  expect(await follow(page.getByRole('button', { name: 'Create family' }))).toBe(422);
  await expect(member.getByLabel('First name')).toHaveValue(first);
  expect(await problem(member.getByLabel(label))).toMatch(/^(Enter|Choose) /);
  await axe(page);
  await member.getByLabel(label).fill('Herons');
  expect(await follow(page.getByRole('button', { name: 'Create family' }))).toBe(200);

  // So is anyone who registers, for clients see it.
  const visitor = await open();
  const email = `${word()}@example.com`.toLowerCase();
  await visitor.goto('/register');
  await visitor.getByLabel('First name').fill(word());
  await visitor.getByLabel('Last name').fill(word());
  await visitor.getByLabel('Email').fill(email);
  await follow(visitor.getByRole('button', { name: 'Send the link' }));
  await visitor.goto(await desk.mailed(email, /\/register\/[\w-]+/));
  const save = visitor.getByRole('button', { name: 'Save and log in' });
  await visitor.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await visitor.getByLabel('Confirm password').fill(PASSWORD);
  await visitor.getByLabel(label).fill(' ');
  expect(await follow(save)).toBe(422);
  expect(await problem(visitor.getByLabel(label))).toMatch(/^(Enter|Choose) /);
  await axe(visitor);
  await visitor.getByLabel(label).fill('Ravens');
  await visitor.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await visitor.getByLabel('Confirm password').fill(PASSWORD);
  expect(await follow(save)).toBe(200);
  await visitor.goto('/my/details');
  await expect(visitor.getByText('Ravens')).toBeVisible();

  // Of a file, the rows without it are named.
  const rows = [`First name,Last name,${label}`, `Mia,${last},Herons`, `Leo,${last},`];
  await page.goto('/clients/import');
  await page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
  await follow(page.getByRole('button', { name: 'Upload' }));
  await follow(page.getByRole('button', { name: 'Check all rows' }));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check before importing', { timeout: 40_000 });
  await expect(page.getByRole('row').filter({ hasText: 'Leo' })).toContainText(`${label}: Enter a value.`);

  await as(page, 'admin@demo.test');
  await page.goto('/settings/fields');
  const defined = page.locator('ol.arranged > li').filter({ hasText: label });
  await follow(defined.getByRole('button', { name: 'Archive' }));
  await desk.client();
});

test('an own word is said on every page, and in what is mailed', async ({ page, open, desk }) => {
  test.setTimeout(480_000);
  const named = await addresses(desk);
  const groups = await Promise.all(PAGES.map(async ([, email, paths]) => [email, await paths(named, desk)] as const));
  const member = await desk.member();
  await as(page, 'admin@demo.test');
  await decide(page, async () => {
    await page.getByLabel('Word', { exact: true }).selectOption('own');
    await field(page, 'Our own word, for one').fill('athlete');
    await field(page, 'For many').fill('athletes');
  });

  await as(page, 'staff@demo.test');
  await page.goto('/clients');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('All athletes');
  const form = await openForm(page.getByRole('link', { name: 'New athlete' }));
  await fillClient(form, person(word(), word()));
  expect(await follow(form.getByRole('button', { name: 'Create athlete' }))).toBe(200);
  await toast(page, 'Athlete created.');

  for (const [email, paths] of groups) {
    const reader = await open(email ?? undefined);
    for (const path of paths) {
      const address = typeof path === 'string' ? path : path[0];
      await reader.goto(address);
      expect.soft(await said(reader), address).toEqual([]);
    }
    await reader.context().close();
  }

  const portal = await open(member.email);
  const { start } = await bookOnline(portal, 'Counselling session');
  expect(start).not.toBe('');
  const mail = await desk.mailed(member.email, /<main[\s\S]*Counselling session[\s\S]*<\/main>/);
  expect(mail.replaceAll(/<[^>]*>/g, ' ')).not.toMatch(/\bclients?\b/i);
});

/** Where a page says *client* though the practice has another word; or *a athlete*. Where the word
 * is offered in the settings it is not meant. */
async function said(page: Page): Promise<string[]> {
  const texts = await page.locator('body').evaluate((body) => {
    const copy = body.cloneNode(true) as HTMLElement;
    copy.querySelectorAll('script, style, select[name="form[word]"]').forEach((element) => element.remove());
    const attributes = [...copy.querySelectorAll('*')].flatMap((element) =>
      ['aria-label', 'title', 'placeholder', 'alt'].map((name) => element.getAttribute(name) ?? ''),
    );
    const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
    const texts: string[] = [document.title];
    while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '');
    return [...texts, ...attributes];
  });
  return texts.filter((text) => /\bclients?\b|\ba athlete/i.test(text)).map((text) => text.trim().slice(0, 160));
}
