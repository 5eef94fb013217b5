// Two records of one person: found, compared, merged, and undone.
import { as, axe, expect, follow, test, word } from '../fixtures.ts';
import { field, section, toast, unfold } from './steps.ts';
import type { Client } from '../fixtures.ts';
import type { Page } from '@playwright/test';

/** Somebody changes a field of the record on its page. */
async function change(page: Page, client: Client, label: string, words: string): Promise<void> {
  await page.goto(`${client.url}/edit`);
  await unfold(page, 'Client details');
  await field(page, label).fill(words);
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(200);
}

test('two records become one, and two again', async ({ page, desk }) => {
  const [first, last] = [word(), word()];
  const born = { birth_date: '1988-04-05' };
  const keep = await desk.client({ first, last }, { ...born, alert: 'Nut allergy', mobile: '416 555 0188' });
  const drop = await desk.client({ first, last, email: false }, { ...born, pronouns: 'she/her', mobile: '416 555 0199' });
  const parent = await desk.client();
  await desk.link(parent, drop, ['book']);
  const visit = await desk.book(drop);
  await as(page, 'staff@demo.test');

  const pair = page.getByRole('listitem').filter({ hasText: `No. ${keep.number} ` }).filter({ hasText: `No. ${drop.number} ` });
  await expect(async () => {
    await page.goto('/clients/duplicates');
    for (let pages = 0; (await pair.count()) === 0 && pages < 20; pages += 1) {
      await follow(page.getByRole('link', { name: 'Next' }));
    }
    expect(await pair.count()).toBeGreaterThan(0);
  }).toPass();
  await axe(page);
  await expect(pair.first()).toContainText('Same date of birth');
  await follow(pair.first().getByRole('link', { name: /^Compare/ }));

  await expect(page.getByRole('heading', { level: 1 })).toContainText(`Merge no. ${drop.number} into no. ${keep.number}`);
  await expect(section(page, 'What happens')).toContainText(`${parent.name} may no longer book and manage appointments for ${keep.name}.`);
  await expect(section(page, 'What happens')).toContainText('appointments: 1');
  const mobile = page.getByRole('group', { name: 'Mobile and consents' });
  await mobile.getByRole('radio', { name: /0199/ }).check();
  await axe(page);
  await follow(page.getByRole('button', { name: 'Merge the two records' }));
  await toast(page, 'Records merged.');
  await axe(page);

  // The number that was given up leads to the one that stays.
  await page.goto(drop.url);
  await expect(page).toHaveURL(new RegExp(`${keep.url}(\\?|$)`));
  const main = page.getByRole('main');
  for (const words of ['Nut allergy', 'she/her', '416 555 0199', parent.name]) await expect(main).toContainText(words);
  await page.goto(visit.url);
  await expect(page.getByRole('link', { name: 'Profile' })).toHaveAttribute('href', keep.url);

  await page.goto(`${keep.url}/merges`);
  await follow(page.getByRole('button', { name: /^Undo this merge/ }));
  await toast(page, 'Merge undone');
  expect((await page.goto(drop.url))?.status()).toBe(200);
  await expect(page).toHaveURL(drop.url);
  await expect(main).toContainText('416 555 0199');
  await page.goto(visit.url);
  await expect(page.getByRole('link', { name: 'Profile' })).toHaveAttribute('href', drop.url);
});

test('what was edited since stays, and only where the merge had changed something is it in the way', async ({ page, desk, open }) => {
  const keep = await desk.client();
  const drop = await desk.client({ email: false }, { pronouns: 'she/her' });
  await as(page, 'staff@demo.test');
  await page.goto(`/clients/merge?keep=${keep.number}&drop=${drop.number}`);
  await follow(page.getByRole('button', { name: 'Merge the two records' }));
  const undo = page.getByRole('button', { name: /^Undo this merge/ });
  const merge = page.getByRole('list', { name: 'Merges' }).getByRole('listitem').filter({ hasText: `No. ${drop.number}, code` });
  await expect(undo).toBeVisible();
  await expect(merge).not.toContainText('edited since');

  // Neither had an alert; the pronouns came with the merge.
  const other = await open('admin@demo.test');
  await change(other, keep, 'Alert', 'Peanuts');
  await change(other, keep, 'Pronouns', 'they/them');
  expect(await follow(undo)).toBe(409);
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(merge).toContainText('It cannot be undone:');
  await expect(merge).toContainText('Edited since, where the merge had changed something: Pronouns.');
  await expect(undo).toHaveCount(0);
  await axe(page);
  // It is as it was: one record, with what was written since.
  await page.goto(drop.url);
  await expect(page).toHaveURL(new RegExp(`${keep.url}(\\?|$)`));
  await expect(page.locator('.alert')).toContainText('Peanuts');

  await change(other, keep, 'Pronouns', 'she/her');
  await page.goto(`${keep.url}/merges`);
  await expect(merge).toContainText('The record was edited since, in what the merge did not touch');
  await axe(page);
  await follow(undo);
  await toast(page, 'Merge undone');
  await page.goto(keep.url);
  await expect(page.locator('.alert')).toContainText('Peanuts');
  await expect(page.getByRole('main')).not.toContainText('she/her');
  await page.goto(drop.url);
  await expect(page).toHaveURL(drop.url);
  await expect(page.getByRole('main')).toContainText('she/her');
});

test('who compared what has changed since sees it before they merge', async ({ page, desk, open }) => {
  const [keep, drop] = [await desk.client({}, { alert: 'Nut allergy' }), await desk.client({ email: false }, { alert: 'Latex' })];
  await as(page, 'staff@demo.test');
  await page.goto(`/clients/merge?keep=${keep.number}&drop=${drop.number}`);
  const alert = page.getByRole('group', { name: 'Alert' });
  const button = page.getByRole('button', { name: 'Merge the two records' });
  await alert.getByRole('radio', { name: 'Latex' }).check();

  const other = await open('admin@demo.test');
  await change(other, drop, 'Alert', 'Latex and bees');
  expect(await follow(button)).toBe(409);
  await expect(page.getByRole('alert')).toContainText('changed this while you were editing');
  await expect(alert.getByRole('radio', { name: 'Latex and bees' })).toBeChecked();
  await expect(alert.getByRole('radio', { name: 'Nut allergy' })).not.toBeChecked();
  await axe(page);
  // Nothing has happened yet. The record that stays may change as well.
  await other.goto(drop.url);
  await expect(other).toHaveURL(drop.url);
  await change(other, keep, 'Alert', 'No nuts');
  expect(await follow(button)).toBe(409);
  await expect(alert.getByRole('radio', { name: 'No nuts' })).not.toBeChecked();

  expect(await follow(button)).toBe(200);
  await page.goto(keep.url);
  await expect(page.locator('.alert')).toContainText('Latex and bees');
});

test('two who are known to be two are not asked about again', async ({ page, desk }) => {
  const [first, last] = [word(), word()];
  const one = await desk.client({ first, last, email: false }, { birth_date: '1991-09-09' });
  const other = await desk.client({ first, last, email: false }, { birth_date: '1991-09-09' });
  await as(page, 'staff@demo.test');
  const pair = page.getByRole('listitem').filter({ hasText: `No. ${one.number} ` }).filter({ hasText: `No. ${other.number} ` });
  const find = async () => {
    await page.goto('/clients/duplicates');
    const next = page.getByRole('link', { name: 'Next' });
    while ((await pair.count()) === 0 && (await next.count()) > 0) await follow(next);
    return pair.count();
  };
  expect(await find()).toBeGreaterThan(0);
  await follow(pair.first().getByRole('button', { name: /^Not a duplicate/ }));
  await toast(page, 'Marked as not duplicates');
  expect(await find()).toBe(0);
});

test('what prevents a merge is shown', async ({ page, desk }) => {
  const [keep, drop] = [await desk.client(), await desk.client()];
  const first = await desk.book(keep, null, { practitioner: 'Dr. Priya Raman' });
  await as(page, 'staff@demo.test');
  await page.goto(`/clients/merge?keep=${keep.number}&drop=${keep.number}`);
  await expect(page.getByText('That is the same record.')).toBeVisible();
  expect((await page.goto(`/clients/merge?keep=${keep.number}&drop=999999`))?.status()).toBe(404);
  await page.goto(`/clients/merge?keep=${keep.number}&drop=${drop.number}`);
  await expect(page.getByRole('button', { name: 'Merge the two records' })).toBeVisible();
  expect(first.url).not.toBe('');
  await as(page, 'practitioner@demo.test');
  expect([403, 404]).toContain((await page.goto('/clients/duplicates'))?.status());
});
