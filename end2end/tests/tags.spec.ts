// Tags, as an administrator tidies them.
import { as, axe, expect, follow, test, word } from '../fixtures.ts';
import { field, problem, toast } from './steps.ts';
import type { Page } from '@playwright/test';

test.beforeEach(async ({ page }) => {
  await as(page, 'admin@demo.test');
});

const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });

test('tags are renamed, merged, removed and put back', async ({ page, desk }) => {
  const [one, two] = [word(), word()];
  await desk.client({}, { new_tags: `${one}, ${two}` });
  await desk.client({}, { new_tags: one });
  await page.goto('/settings/tags');
  await axe(page);
  await expect(row(page, one)).toContainText('2 clients');
  await follow(row(page, one).getByRole('link', { name: 'Edit' }));
  await field(page, 'Name').fill(two.toUpperCase());
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(422);
  expect(await problem(field(page, 'Name'))).toMatch(/already in use/);
  await expect(page.getByText('There is a tag of that name already.')).toBeVisible();
  await expect(page.getByLabel('Merge into').locator('option:checked')).toHaveText(two);
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Merge' }))).toBe(200);
  await toast(page, 'Tags merged.');
  await expect(row(page, one)).toHaveCount(0);
  await expect(row(page, two)).toContainText('2 clients');

  const renamed = `${two} </b>`;
  await follow(row(page, two).getByRole('link', { name: 'Edit' }));
  await field(page, 'Name').fill(renamed);
  await follow(page.getByRole('button', { name: 'Save' }));
  await follow(row(page, renamed).getByRole('link', { name: 'Edit' }));
  await expect(page.getByText('Removes this tag from 2 clients.')).toBeVisible();
  await follow(page.getByRole('button', { name: `Remove “${renamed}”` }));
  await toast(page, /Tag removed/);
  await expect(row(page, renamed)).toHaveCount(0);
  await follow(page.getByRole('button', { name: `Undo the removal of ${renamed}` }));
  await expect(row(page, renamed)).toContainText('2 clients');
});

test('a tag is added, and not without a name', async ({ page }) => {
  const name = word();
  await page.goto('/settings/tags');
  for (const [typed, words] of [['', /^Enter /], ['a, b', /comma/], ['x'.repeat(41), /at most 40/]] as const) {
    await field(page, 'Name').fill(typed);
    expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(422);
    expect(await problem(field(page, 'Name'))).toMatch(words);
  }
  await field(page, 'Name').fill(name);
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(200);
  await expect(row(page, name)).toContainText('No clients');
  await as(page, 'staff@demo.test');
  await page.goto('/settings/tags');
  await expect(row(page, name).getByRole('link', { name: 'Edit' })).toHaveCount(0);
});
