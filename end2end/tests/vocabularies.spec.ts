// The lists of words that forms offer. Both projects change the same lists at the same time: every word is
// the test's own, and its neighbours are not checked.
import { as, axe, expect, follow, hasJavaScript, test, word } from '../fixtures.ts';
import { field, problem, toast } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

test.beforeEach(async ({ page }) => {
  await as(page, 'admin@demo.test');
});

const item = (page: Page, label: string): Locator => page.locator('.arranged > li').filter({ hasText: label });
const labels = (page: Page): Promise<string[]> => page.locator('ol.arranged .strong').allInnerTexts();

async function add(page: Page, label: string): Promise<number> {
  await field(page, 'Label').fill(label);
  return follow(page.getByRole('button', { name: 'Save' }));
}

test('a word is added, renamed, retired and brought back', async ({ page, desk }) => {
  const first = word();
  await page.goto('/settings');
  await follow(page.getByRole('link', { name: 'Lists' }));
  await follow(page.getByRole('link', { name: 'Fee programmes' }));
  await axe(page);
  expect(await add(page, ' ')).toBe(422);
  expect(await problem(field(page, 'Label'))).toBe('Enter label.');
  expect(await add(page, `${first} </b>🙂`)).toBe(200);
  await toast(page, 'Saved.');
  await expect(item(page, first)).toContainText(`${first} </b>🙂`);
  await expect(item(page, first)).toContainText('No clients');
  expect(await add(page, `${first.toUpperCase()} </b>🙂`)).toBe(422);
  expect(await problem(field(page, 'Label'))).toMatch(/already in use/);
  await expect(field(page, 'Label')).toHaveValue(`${first.toUpperCase()} </b>🙂`);

  await follow(item(page, first).getByRole('link', { name: 'Edit' }));
  await expect(page.getByRole('heading', { name: `Edit “${first} </b>🙂”` })).toBeVisible();
  expect(await add(page, `${first} fund`)).toBe(200);
  const id = (await item(page, `${first} fund`).getAttribute('id'))!.replace('item-', '');
  const client = await desk.client({}, { fee_programme: id });
  expect(client.number).not.toBe('');
  await page.reload();
  await expect(item(page, first)).toContainText('1 client');

  await follow(item(page, first).getByRole('button', { name: 'Archive' }));
  await toast(page, /Archived/);
  expect(await labels(page)).not.toContain(`${first} fund`);
  await follow(item(page, first).getByRole('button', { name: 'Restore' }));
  expect(await labels(page)).toContain(`${first} fund`);
});

test('a word is moved by one key after another', async ({ page }) => {
  const [one, two] = [word(), word()];
  await page.goto('/settings/vocabularies/setting');
  await add(page, one);
  await add(page, two);
  const before = async () => {
    const all = await labels(page);
    return all.indexOf(two) < all.indexOf(one);
  };
  expect(await before()).toBe(false);
  for (let steps = 0; steps < 10 && !(await before()); steps += 1) {
    // The button has the focus again, so that one key does.
    if (steps === 0 || !hasJavaScript()) await follow(item(page, two).getByRole('button', { name: `Move ${two} up` }));
    else {
      await expect(item(page, two).getByRole('button', { name: `Move ${two} up` })).toBeFocused();
      await Promise.all([page.waitForURL(/done=moved|went=up/), page.keyboard.press('Enter')]);
      await page.waitForLoadState();
    }
    await toast(page, 'Moved.');
    await page.reload();
  }
  expect(await before()).toBe(true);
  for (const label of [one, two]) await follow(item(page, label).getByRole('button', { name: 'Archive' }));
});

test('no age belongs to two ranges', async ({ page }) => {
  await page.goto('/settings/vocabularies/age_range');
  await axe(page);
  await field(page, 'From age').fill('12');
  await field(page, 'To age').fill('19');
  expect(await add(page, word())).toBe(422);
  expect(await problem(field(page, 'From age'))).toBe('This overlaps “6 to 12”. Ranges can’t overlap.');
  await field(page, 'From age').fill('9');
  await field(page, 'To age').fill('5');
  expect(await add(page, word())).toBe(422);
  expect(await problem(field(page, 'To age'))).toMatch(/end must be after/);
});

test('only the front desk reads the words', async ({ page }) => {
  await as(page, 'staff@demo.test');
  await page.goto('/settings/vocabularies/gender');
  await expect(page.getByText('Only administrators can change lists.')).toBeVisible();
  await expect(page.getByRole('button', { name: /Archive|Move|Save/ })).toHaveCount(0);
  await as(page, 'practitioner@demo.test');
  expect((await page.goto('/settings/vocabularies/gender'))?.status()).toBe(403);
  await as(page, 'parent@demo.test');
  expect((await page.goto('/settings/vocabularies/gender'))?.status()).toBe(404);
  await as(page, 'admin@demo.test');
  expect((await page.goto('/settings/vocabularies/nothing'))?.status()).toBe(404);
});

test('referring providers and locations', async ({ page }) => {
  const [provider, place] = [`Dr. ${word()}`, `Zoo ${word()}`];
  await page.goto('/settings/providers');
  await field(page, 'Name').fill(provider);
  await field(page, 'Phone').fill('x');
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(422);
  await field(page, 'Phone').fill('416 555 0199');
  await follow(page.getByRole('button', { name: 'Save' }));
  await expect(item(page, provider)).toContainText('416 555 0199');
  await axe(page);
  await follow(item(page, provider).getByRole('button', { name: 'Archive' }));

  await page.goto('/settings/locations');
  await axe(page);
  const main = page.locator('ol.arranged > li').first();
  await expect(main).toContainText('Appointments are held here');
  await follow(main.getByRole('button', { name: 'Archive' }));
  await expect(page.getByRole('alert')).toContainText(/practitioners work here/);
  await field(page, 'Name').fill(place);
  await follow(page.getByRole('button', { name: 'Save' }));
  await expect(page.locator('ol.arranged > li').first()).toContainText('Appointments are held here');
  await follow(item(page, place).getByRole('button', { name: 'Archive' }));
  await expect(item(page, place).getByRole('button', { name: 'Restore' })).toBeVisible();
});

test('the practice explains itself, and asks before it removes names', async ({ page }) => {
  await page.goto('/settings/practice');
  await axe(page);
  await expect(page.getByRole('heading', { name: 'Code-only mode' })).toBeVisible();
  await expect(page.getByText(/^names or contact details of \d+/)).toBeVisible();
  // Without the tick nothing happens: no one else is disturbed.
  expect(await follow(page.getByRole('button', { name: 'Turn on and remove' }))).toBe(422);
  expect(await problem(page.getByLabel(/Remove the names/))).toBe('Tick this to confirm.');
  await page.goto('/settings/practice');
  await page.getByLabel('Word', { exact: true }).selectOption('own');
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(422);
  expect(await problem(field(page, 'Our own word, for one'))).toBe('Enter our own word, for one.');
});
