// Linked clients: set up, understood, changed and removed by the front desk.
import { as, axe, expect, follow, hasJavaScript, test, word, type Client } from '../fixtures.ts';
import { field, fillClient, openForm, pick, problem, section, person, toast, unfold } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

/** The side of the editor about what `holder` may do for `subject`. */
const side = (page: Page, holder: Client, subject: Client) => section(page, `What ${holder.name} may do for ${subject.name}`);
const label = (page: Page, who: Client, whose: Client) => page.getByLabel(`${who.name} is ${whose.name}’s`);
const save = (page: Page) => follow(page.getByRole('button', { name: /^Save (relationship|mine instead)$/ }));

/** What a profile's card says that `holder` may do for `subject`. */
async function granted(card: Locator, holder: Client, subject: Client): Promise<string[]> {
  const list = card.locator('.grant-list').locator('xpath=..').filter({ hasText: `${holder.name} can, for ${subject.name}` });
  const items = await list.getByRole('listitem').allInnerTexts();
  return items.filter((item) => !item.includes('(no)') && item !== 'Nothing');
}

test.beforeEach(async ({ page }) => {
  await as(page, 'staff@demo.test');
});

test('both directions are set up and explained in plain words', async ({ page, desk }) => {
  const [parent, child] = [await desk.client(), await desk.client({ email: false })];
  await page.goto(`${child.url}/links/new`);
  await pick(page, `Who is related to ${child.name}?`, parent);
  await side(page, parent, child).getByLabel('Book and manage appointments').check();
  await side(page, child, parent).getByLabel('Receive copies of appointment emails').check();
  if (hasJavaScript()) await expect(side(page, parent, child)).toContainText(`${parent.name} has no portal account yet`);

  expect(await save(page)).toBe(422);
  for (const [one, other] of [[parent, child], [child, parent]] as const) {
    expect(await problem(label(page, one, other))).toBe(`Choose how ${one.name} is related to ${other.name}.`);
  }
  await expect(side(page, parent, child).getByLabel('Book and manage appointments')).toBeChecked();
  await expect(side(page, parent, child)).toContainText(`${parent.name} has no portal account yet, so they can’t book`);
  await expect(side(page, child, parent)).toContainText(`${child.name} has no email with consent, so copies can’t be sent.`);

  await label(page, parent, child).selectOption({ label: 'Guardian' });
  await label(page, child, parent).selectOption({ label: 'Child' });
  expect(await save(page)).toBe(200);
  await toast(page, 'Relationship added.');
  const card = section(page, parent.name);
  await expect(card).toContainText(`${parent.name} is ${child.name}’s guardian; ${child.name} is ${parent.name}’s child.`);
  expect(await granted(card, parent, child)).toEqual(['Book and manage appointments']);
  expect(await granted(card, child, parent)).toEqual(['Receive copies of appointment emails']);
  await expect(card).toContainText('has no portal account yet');
  await expect(card).toContainText('copies can’t be sent');

  await follow(card.getByRole('link', { name: parent.name, exact: true }));
  const reverse = section(page, child.name);
  await expect(reverse).toContainText(`${child.name} is ${parent.name}’s child; ${parent.name} is ${child.name}’s guardian.`);
  expect(await granted(reverse, parent, child)).toEqual(['Book and manage appointments']);

  await desk.setStatus(parent, 'inactive');
  await page.reload();
  await expect(reverse).toContainText(`${parent.name} is inactive. Permissions are paused until they’re active again.`);
});

test('the other label is suggested until a person chooses it @js', async ({ page, desk }) => {
  const [one, other] = [await desk.client(), await desk.client()];
  await page.goto(`${one.url}/links/new/${other.number}`);
  const [theirs, own] = [label(page, other, one), label(page, one, other)];
  await theirs.selectOption({ label: 'Grandparent' });
  await expect(own).toHaveValue('other');
  await expect(page.getByText('Suggested from the other side.')).toBeVisible();
  await theirs.selectOption({ label: 'Parent' });
  await expect(own).toHaveValue('child');
  await own.selectOption({ label: 'Sibling' });
  await expect(page.getByText('Suggested from the other side.')).toBeHidden();
  await theirs.selectOption({ label: 'Partner' });
  await expect(own).toHaveValue('sibling');

  const rights = side(page, other, one);
  await expect(rights).toContainText('No permissions selected');
  await rights.getByLabel('Book and manage appointments').check();
  await expect(rights).not.toContainText('No permissions selected');
  await expect(rights.getByRole('status').filter({ hasText: 'has no portal account yet' })).toBeVisible();
  await rights.getByLabel('Book and manage appointments').uncheck();
  await expect(rights).toContainText('No permissions selected');
});

test('a parent who is not here yet is made on the way, and may book for the child', async ({ page, desk }) => {
  const child = await desk.client({ email: false }, { birth_date: '2018-05-01' });
  const parent = person(word(), word());
  await page.goto(child.url);
  await follow(section(page, 'Linked clients').getByRole('link', { name: 'Add relationship' }));
  const form = await openForm(page.getByRole('main').getByRole('link', { name: 'New client' }));
  await fillClient(form, parent);
  expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
  await expect(page).toHaveURL(new RegExp(`${child.url}/links/new/\\d+`));
  await axe(page);
  const made: Client = { ...parent, number: page.url().split('/').pop()!, url: '' };
  await label(page, made, child).selectOption({ label: 'Parent' });
  await label(page, child, made).selectOption({ label: 'Child' });
  await side(page, made, child).getByLabel('Book and manage appointments').check();
  expect(await save(page)).toBe(200);
  expect(await granted(section(page, made.name), made, child)).toEqual(['Book and manage appointments']);
});

test('a client is not linked to themself, nor twice', async ({ page, open, desk }) => {
  const [one, other] = [await desk.client(), await desk.client()];
  await page.goto(`${one.url}/links/new?q=${one.first}`);
  await expect(page.getByRole('link', { name: one.name }).and(page.locator('main li a'))).toHaveCount(0);
  await page.goto(`${one.url}/links/new?other=${one.number}`);
  await expect(page.getByRole('alert')).toHaveText('You can’t link a person to themselves.');
  await page.goto(`${one.url}/links/new/${one.number}`);
  await expect(page.getByRole('button', { name: 'Save relationship' })).toHaveCount(0);

  const second = await open('admin@demo.test');
  for (const window of [page, second]) {
    await window.goto(`${one.url}/links/new/${other.number}`);
    await label(window, other, one).selectOption({ label: 'Sibling' });
    await label(window, one, other).selectOption({ label: 'Sibling' });
  }
  expect(await save(page)).toBe(200);
  expect(await save(second)).toBe(422);
  await expect(second.getByText(`${one.name} and ${other.name} are linked already.`)).toBeVisible();
  await page.goto(`${one.url}/links/new?q=${other.first}`);
  await expect(page.getByRole('listitem').filter({ hasText: other.name })).toContainText('Linked already');
});

test('a relationship is changed, and its history kept', async ({ page, open, desk }) => {
  const [parent, child] = [await desk.client(), await desk.client()];
  await desk.link(parent, child, ['book']);
  const second = await open('admin@demo.test');
  await second.goto(`${parent.url}/links/${child.number}`);
  await page.goto(child.url);
  await follow(section(page, parent.name).getByRole('link', { name: 'Edit' }));
  await expect(label(page, parent, child)).toHaveValue('parent');
  const rights = side(page, parent, child);
  await expect(rights.getByLabel('Book and manage appointments')).toBeChecked();
  await rights.getByLabel('Book and manage appointments').uncheck();
  await rights.getByLabel('Use sessions from packages').check();
  expect(await save(page)).toBe(200);
  await toast(page, 'Relationship saved.');
  expect(await granted(section(page, parent.name), parent, child)).toEqual(['Use sessions from packages (not in use yet)']);
  await unfold(page, 'History of relationships');
  await expect(page.getByText(`${parent.name} may no longer book and manage appointments for ${child.name}.`)).toBeVisible();

  await label(second, child, parent).selectOption({ label: 'Other' });
  expect(await save(second)).toBe(409);
  const stored = section(second, 'What is saved now');
  await expect(stored).toContainText(`${child.name} is ${parent.name}’s child`);
  expect(await granted(stored, parent, child)).toEqual(['Use sessions from packages (not in use yet)']);
  await expect(label(second, child, parent)).toHaveValue('other');
  expect(await save(second)).toBe(200);
  expect(await granted(section(second, child.name), parent, child)).toEqual(['Book and manage appointments']);
});

test('removing a link cancels what is selected and keeps the rest', async ({ page, desk }) => {
  const [parent, child] = [await desk.client(), await desk.client()];
  await desk.link(parent, child, ['book', 'copies']);
  const [kept, cancelled] = [await desk.book(child, parent), await desk.book(child, parent)];
  await page.goto(child.url);
  await follow(section(page, parent.name).getByRole('link', { name: 'Remove' }));
  await expect(page.getByRole('group', { name: '2 things to decide' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('combobox')).toHaveCount(2);
  await page.locator(`select:has(option[value^="end:${cancelled.id}"])`).selectOption({ label: 'Cancel' });
  expect(await follow(page.getByRole('button', { name: 'Remove relationship' }))).toBe(200);
  await toast(page, 'Relationship removed.');
  await expect(page.getByText('No relationships yet')).toBeVisible();
  await expect(page.getByRole('button', { name: `Restore relationship with ${parent.name}` })).toBeVisible();
  const rows = section(page, 'Appointments').getByRole('row').filter({ hasText: 'Counselling session' });
  await expect(rows.filter({ hasText: 'Confirmed' })).toHaveCount(1);
  await expect(rows.filter({ hasText: 'Cancelled' })).toHaveCount(1);
  await page.goto(kept.url);
  await expect(page.getByRole('main')).not.toContainText(parent.name);
  await expect(page.getByText('Confirmed')).toBeVisible();
  await page.goto(cancelled.url);
  await expect(page.locator('.sub')).toContainText('Cancelled');
  expect((await page.goto(`${child.url}/links/${parent.number}`))?.status()).toBe(404);
  await desk.mailed(child.email, /Appointment cancelled/);
  expect((await desk.mailSubjects(parent.email)).filter((subject) => subject.includes('cancelled'))).toEqual([]);
});

test('a practitioner sees links and changes none', async ({ page, desk }) => {
  const priya = await desk.practitionerId('Dr. Priya Raman');
  const [parent, child] = [await desk.client(), await desk.client({}, { 'practitioners[]': priya })];
  await desk.link(parent, child, ['book']);
  await as(page, 'practitioner@demo.test');
  await page.goto(child.url);
  await expect(page.getByRole('link', { name: 'Add relationship' })).toHaveCount(0);
  for (const path of ['links/new', `links/${parent.number}`, `links/${parent.number}/remove`]) {
    expect([403, 404]).toContain((await page.goto(`${child.url}/${path}`))?.status());
  }
  await expect(field(page, 'Search')).toHaveCount(0);
});
