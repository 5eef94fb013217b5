// Client information fields, as an administrator defines them. A required field would be in the way
// of other specs: here none is.
import { as, axe, expect, follow, test, word } from '../fixtures.ts';
import { field, fillClient, problem, quickAdd, section, person, toast } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

test.beforeEach(async ({ page }) => {
  await as(page, 'admin@demo.test');
});

const item = (page: Page, label: string): Locator => page.locator('.arranged > li').filter({ hasText: label });
const save = (page: Page) => follow(page.getByRole('button', { name: 'Save field' }));

test('a choice field is defined, arranged, retired and brought back', async ({ page }) => {
  const name = `Grade ${word()}`;
  await page.goto('/settings');
  await follow(page.getByRole('link', { name: 'Custom fields' }));
  await follow(page.getByRole('link', { name: 'New field' }).first());
  await axe(page);
  await field(page, 'Label').fill(name);
  await page.getByLabel('Type').selectOption('choice');
  expect(await save(page)).toBe(422);
  expect(await problem(field(page, 'Choices'))).toBe('Enter choices.');
  await expect(page.getByLabel('Type')).toHaveValue('choice');
  await field(page, 'Choices').fill('Junior\nSenior\n\njunior\n</textarea><b>');
  await page.getByLabel('In reports').check();
  expect(await save(page)).toBe(200);
  await toast(page, 'Saved.');
  await axe(page);

  const choices = page.locator('ol.arranged .strong');
  await expect(choices).toHaveText(['Junior', 'Senior', '</textarea><b>']);
  await follow(page.getByRole('button', { name: 'Move Senior up' }));
  await expect(choices).toHaveText(['Senior', 'Junior', '</textarea><b>']);
  await follow(item(page, 'Junior').getByRole('link', { name: 'Edit' }));
  await field(page, 'Choice').fill('senior');
  expect(await follow(page.getByRole('button', { name: 'Save choice' }))).toBe(422);
  expect(await problem(field(page, 'Choice'))).toMatch(/already in use/);
  await field(page, 'Choice').fill('Elder');
  expect(await follow(page.getByRole('button', { name: 'Save choice' }))).toBe(200);
  await follow(item(page, '</textarea>').getByRole('button', { name: 'Archive' }));
  await follow(item(page, 'Elder').getByRole('button', { name: 'Archive' }));
  await follow(item(page, 'Senior').getByRole('button', { name: 'Archive' }));
  await expect(page.getByRole('alert')).toContainText('This is the last one.');

  await field(page, 'Choices to add').fill('Elder\nAlumnus');
  expect(await save(page)).toBe(200);
  await expect(choices).toHaveText(['Senior', 'Elder', 'Alumnus']);

  await follow(page.getByRole('link', { name: 'Custom fields' }));
  await expect(item(page, name)).toContainText('Choice');
  await expect(item(page, name)).toContainText('in reports');
  await follow(item(page, name).getByRole('button', { name: 'Archive' }));
  await expect(item(page, name).getByRole('button', { name: 'Restore' })).toBeVisible();
  await follow(item(page, name).getByRole('button', { name: 'Restore' }));
  await follow(item(page, name).getByRole('button', { name: 'Archive' }));
});

test('a field that clients see stands in their details, another does not', async ({ page, open, desk }) => {
  const [seen, hidden] = [`Seen ${word()}`, `Hidden ${word()}`];
  const ids: string[] = [];
  for (const name of [seen, hidden]) {
    await page.goto('/settings/fields/new');
    await field(page, 'Label').fill(name);
    if (name === seen) await page.getByLabel('Clients see it').check();
    expect(await save(page)).toBe(200);
    ids.push((await item(page, name).getAttribute('id'))!.replace('item-', ''));
  }
  const client = await desk.client({}, { [`fields.${ids[0]}`]: 'Oak <b>School', [`fields.${ids[1]}`]: 'A secret hunch' });
  await desk.claim(client);
  const portal = await open(client.email);
  await portal.goto('/my/details');
  await expect(portal.getByRole('region', { name: 'Other information' })).toContainText('Oak <b>School');
  await expect(portal.getByRole('region', { name: 'Contact details' })).toContainText(client.email);
  await expect(portal.getByRole('region', { name: 'Communication preferences' }).getByLabel('Send email')).toBeChecked();
  await expect(portal.getByText('A secret hunch')).toHaveCount(0);
  await axe(portal);
  await page.goto('/settings/fields');
  for (const name of [seen, hidden]) await follow(item(page, name).getByRole('button', { name: 'Archive' }));
  await portal.reload();
  await expect(portal.getByText('Oak <b>School')).toHaveCount(0);
});

test('a field is asked for, shown, listed, searched, exported, and kept when it is retired', async ({ page, open, desk }) => {
  const [label, answer] = [`Team ${word()}`, `Otters ${word()}`];
  await page.goto('/settings/fields/new');
  await field(page, 'Label').fill(label);
  for (const flag of ['Clients see it', 'In quick-add', 'In search']) await page.getByLabel(flag).check();
  expect(await save(page)).toBe(200);
  await expect(item(page, label)).toContainText('shown to them, in quick-add, in search');
  await expect(item(page, label)).toContainText('No answers yet');

  // Staff are asked at the same time, in the window, and see what they wrote on the profile.
  const who = person(word(), word());
  const staff = await open('staff@demo.test');
  await staff.goto('/calendar');
  const form = await quickAdd(staff);
  await fillClient(form, who);
  await expect(field(form, label)).toBeVisible();
  await field(form, label).fill(answer);
  expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
  await expect(section(staff, /^Information$/)).toContainText(label);
  await expect(section(staff, /^Information$/)).toContainText(answer);
  const url = new URL(staff.url()).pathname;
  const client = { ...who, url, number: url.split('/').pop()! };

  // The list finds them by it, shows it as a column, and writes it into the file.
  const row = staff.getByRole('row').filter({ has: staff.getByRole('rowheader', { name: client.name }) });
  await staff.goto(`/clients?q=${encodeURIComponent(answer)}`);
  await expect(row).toHaveCount(1);
  await expect(row).not.toContainText(answer);
  const column = staff.getByRole('group', { name: 'Columns to show' }).getByLabel(label);
  await staff.locator('summary', { hasText: 'Columns' }).click();
  await column.check();
  await follow(staff.getByRole('button', { name: 'Apply' }));
  await expect(staff.getByRole('columnheader', { name: label })).toBeVisible();
  await expect(row).toContainText(answer);
  const listed = new URL(staff.url());
  const file = await staff.request.get((await staff.locator('a', { hasText: 'CSV, these columns' }).first().getAttribute('href'))!);
  const lines = (await file.text()).trimEnd().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(new RegExp(`,${label}$`));
  expect(lines[1]).toMatch(new RegExp(`,${client.last},.*,${answer}$`));

  await desk.claim(client);
  const portal = await open(client.email);
  await portal.goto('/my/details');
  await expect(portal.getByRole('region', { name: 'Other information' })).toContainText(answer);

  // Retired, it is asked for and offered nowhere. Who has it keeps it, also when they are edited.
  await page.reload();
  await expect(item(page, label)).toContainText('Filled in for 1 client');
  await follow(item(page, label).getByRole('button', { name: 'Archive' }));
  await expect(item(page, label)).toContainText('Filled in for 1 client');
  await staff.goto('/clients/new');
  await expect(staff.getByLabel('First name')).toBeVisible();
  await expect(field(staff, label)).toHaveCount(0);
  await staff.goto(`/clients?q=${encodeURIComponent(answer)}`);
  await expect(row).toHaveCount(0);
  listed.searchParams.set('q', client.last);
  await staff.goto(listed.pathname + listed.search);
  await expect(row).toHaveCount(1);
  await expect(staff.getByRole('columnheader', { name: label })).toHaveCount(0);
  await staff.locator('summary', { hasText: 'Columns' }).click();
  await expect(staff.getByRole('group', { name: 'Columns to show' })).toBeVisible();
  await expect(column).toHaveCount(0);
  await staff.goto(`${client.url}/edit`);
  await expect(field(staff, label)).toHaveCount(0);
  await field(staff, 'Mobile number').fill('416 555 0142');
  expect(await follow(staff.getByRole('button', { name: 'Save' }))).toBe(200);

  await follow(item(page, label).getByRole('button', { name: 'Restore' }));
  await expect(item(page, label)).toContainText('Filled in for 1 client');
  await staff.goto(client.url);
  await expect(section(staff, 'Contact')).toContainText('416 555 0142');
  await expect(section(staff, /^Information$/)).toContainText(answer);
  await follow(item(page, label).getByRole('button', { name: 'Archive' }));
});

test('two people who change a field at the same time see both versions', async ({ page, open }) => {
  const name = `School ${word()}`;
  await page.goto('/settings/fields/new');
  await field(page, 'Label').fill(name);
  expect(await save(page)).toBe(200);
  await follow(item(page, name).getByRole('link', { name: 'Edit' }));
  const other = await open('admin@demo.test');
  await other.goto(page.url());
  await field(page, 'Label').fill(`${name} one`);
  expect(await save(page)).toBe(200);
  await field(other, 'Label').fill(`${name} two`);
  expect(await save(other)).toBe(409);
  await expect(other.getByRole('region', { name: 'What is saved now' })).toContainText(`${name} one`);
  await expect(field(other, 'Label')).toHaveValue(`${name} two`);
  await axe(other);
  expect(await save(other)).toBe(200);
  await follow(item(other, `${name} two`).getByRole('button', { name: 'Archive' }));
});
