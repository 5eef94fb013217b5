// Every page of every role, on a desk and on a telephone: accessible in light and dark, nothing to
// scroll sideways, a title of its own, and usable by keyboard.
import { as, axe, expect, follow, test, word } from '../fixtures.ts';
import { addresses, PAGES, type Path } from '../routes.ts';
import { freeWeek } from './steps.ts';
import type { Page } from '@playwright/test';

const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }] as const;

/** The page's title, before the name of the practice. */
async function title(page: Page): Promise<string> {
  const [own, practice, ...rest] = (await page.title()).split(' · ');
  return practice === 'Maple & Birch Family Practice' && rest.length === 0 ? own! : '';
}

async function check(page: Page, address: Path): Promise<void> {
  const [path, status] = typeof address === 'string' ? [address, 200] : address;
  await test.step(path, async () => {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(status);
    await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1);
    if (status < 400) expect(await title(page), `the title of ${path}`).not.toBe('');
    await axe(page);
    await fits(page, path);
  });
}

/** Nothing sticks out at the side. */
async function fits(page: Page, path: string): Promise<void> {
  const tooWide = await page.evaluate(() => {
    if (document.scrollingElement!.scrollWidth <= innerWidth) return [];
    const elements = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
    return ['the page', ...elements.map((element) => `${element.tagName}.${element.className}`)];
  });
  expect(tooWide, `${path} is wider than the window`).toEqual([]);
}

for (const { width, height } of SIZES) {
  for (const [who, email, paths] of PAGES) {
    // Without scripts a page is as wide and as colourful as with them: it is seen on the phone alone.
    test(`every page at ${width} pixels: ${who}${width === 1280 ? ' @js' : ''}`, async ({ page, desk }) => {
      await page.setViewportSize({ width, height });
      const all = await paths(await addresses(desk), desk);
      // axe looks at each page twice.
      test.setTimeout(30_000 + all.length * 10_000);
      if (email !== null) await as(page, email);
      for (const address of all) await check(page, address);
    });
  }
}

test('an import, step by step', async ({ page }) => {
  await as(page, 'staff@demo.test');
  const last = word();
  const rows = ['First name,Last name,Date of birth,Shoe size', `Mia,${last},2016-03-31,38`, `Leo,${last},2014-13-13,39`];
  await page.goto('/clients/import');
  await page.getByLabel('CSV file').setInputFiles({ name: `${last}.csv`, mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
  await follow(page.getByRole('button', { name: 'Upload' }));
  const address = new URL(page.url()).pathname;
  const step = async (heading: string) => {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading, { timeout: 40_000 });
    await page.waitForLoadState();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await check(page, address);
    }
  };
  await step('Map the columns');
  await follow(page.getByRole('button', { name: 'Check all rows' }));
  await step('Check before importing');
  await page.getByLabel('Leave out the 1 row with problems').check();
  await follow(page.getByRole('button', { name: 'Import 1 client' }));
  await step('Imported');
  await page.locator('summary', { hasText: 'Undo import' }).click();
  await follow(page.getByRole('button', { name: 'Delete them and undo the import' }));
  await step('Import undone');
});

test('a client’s cancel page, and the last step of booking', async ({ page, desk }) => {
  test.setTimeout(120_000);
  const [parent, child] = [await desk.member(), await desk.client({ email: false })];
  await desk.link(parent, child, ['book', 'copies']);
  const { id } = await desk.book(child, parent);
  await as(page, parent.email);
  for (const { width, height } of SIZES) {
    await page.setViewportSize({ width, height });
    await check(page, '/my/appointments');
    await check(page, `/my/appointments/${id}/cancel`);
    await check(page, `/my/appointments/${id}`);
    await check(page, '/book');
    await follow(page.getByRole('link', { name: child.name }));
    await follow(page.getByRole('link', { name: 'Counselling session' }));
    const times = await freeWeek(page);
    await axe(page);
    await fits(page, 'the times');
    await follow(times.first());
    await check(page, page.url());
  }
});

test('forms that were refused are accessible', async ({ page }) => {
  test.setTimeout(120_000);
  await as(page, 'admin@demo.test');
  for (const [path, button] of [['/clients/new', 'Create client'], ['/settings/services/new', 'Save service']] as const) {
    for (const { width, height } of SIZES) {
      await page.setViewportSize({ width, height });
      await page.goto(path);
      const answer = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button', { name: button }).click();
      expect((await answer).status()).toBe(422);
      await page.waitForLoadState();
      await axe(page);
      await fits(page, path);
    }
  }
});

test('the menus and dialogs that open are accessible @js', async ({ page }) => {
  test.setTimeout(120_000);
  await as(page, 'staff@demo.test');
  for (const { width, height } of SIZES) {
    await page.setViewportSize({ width, height });
    await page.goto('/clients?q=okafor');
    await page.getByRole('banner').locator('summary').click();
    await page.getByRole('row', { name: 'Ana Okafor' }).locator('summary').click();
    await axe(page);
    await fits(page, 'the menus');
    await page.goto('/appointments/new');
    await page.getByLabel('Search for a client').fill('okafor');
    await expect(page.getByRole('option').first()).toBeVisible();
    await axe(page);
    await fits(page, 'the picker');
    await page.getByRole('option').first().click();
    await axe(page);
    await page.goto('/appointments/new');
    await page.getByRole('link', { name: 'New client' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await axe(page);
    await fits(page, 'the dialog');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('link', { name: 'New client' })).toBeFocused();
  }
});

test('the skip link leads past the navigation, and the focus is always seen', async ({ page }) => {
  const pages = [
    ['staff@demo.test', '/clients?q=okafor'],
    ['staff@demo.test', '/clients/prospects'],
    ['admin@demo.test', '/activities/new'],
    ['admin@demo.test', '/settings/vocabularies/gender'],
    ['parent@demo.test', '/my/appointments'],
    ['parent@demo.test', '/my/availability'],
  ] as const;
  for (const [email, path] of pages) {
    await as(page, email);
    await page.goto(path);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to content' });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/#main$/);
    await page.keyboard.press('Tab');
    await expect(page.locator('main :focus')).toHaveCount(1);

    await page.goto(path);
    let stops = 0;
    for (; stops < 25; stops += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.locator(':focus').evaluateAll(([element]) => {
        if (element === undefined) return 'nothing';
        // The mark may be around what the link covers: its row.
        const marked = [getComputedStyle(element), getComputedStyle(element, '::after')].some(
          ({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none',
        );
        return marked ? 'marked' : element.outerHTML.slice(0, 120);
      });
      if (seen === 'nothing') break;
      expect(seen, `stop ${stops} of ${path}`).toBe('marked');
    }
    expect(stops).toBeGreaterThan(5);
  }
});
