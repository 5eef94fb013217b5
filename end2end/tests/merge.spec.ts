// Two records of one person: found, compared, merged, and undone.
import { as, axe, expect, follow, test, word } from '../fixtures.ts';
import { section, toast } from './steps.ts';

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
  await toast(page, 'The two records are one.');
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
  await toast(page, 'The merge is undone');
  expect((await page.goto(drop.url))?.status()).toBe(200);
  await expect(page).toHaveURL(drop.url);
  await expect(main).toContainText('416 555 0199');
  await page.goto(visit.url);
  await expect(page.getByRole('link', { name: 'Profile' })).toHaveAttribute('href', drop.url);
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
  await toast(page, 'Noted');
  expect(await find()).toBe(0);
});

test('what stands in the way of a merge is told', async ({ page, desk }) => {
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
