// Every page of every role, on a desk and on a telephone: accessible in light and dark, nothing to
// scroll sideways, a title of its own, and usable by keyboard.
import { as, axe, expect, hasJavaScript, test } from '../fixtures.ts';
import type { Desk } from '../desk.ts';
import type { Page } from '@playwright/test';

const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }] as const;

/** Addresses in the demo practice. */
async function addresses(desk: Desk) {
  const client = async (name: string) => desk.find(`/clients?q=${encodeURIComponent(name)}`, new RegExp(`href="(/clients/\\d+)"[^>]*>${name}<`));
  const [ana, mia, sam] = [await client('Ana Okafor'), await client('Mia Okafor'), await client('Sam Whitfield')];
  const service = await desk.serviceId('Counselling session');
  return {
    ana,
    mia,
    sam,
    service,
    appointment: await desk.find(mia, /\/appointments\/[\w]+-[\w-]+/),
    priya: await desk.practitionerId('Dr. Priya Raman'),
    number: (path: string) => path.split('/').pop()!,
  };
}

type Addresses = Awaited<ReturnType<typeof addresses>>;

const staffPages = ({ ana, mia, sam, service, appointment, priya, number }: Addresses) => [
  '/calendar',
  '/calendar?date=2030-01-01',
  appointment,
  '/appointments/new',
  '/appointments/new?client_q=okafor',
  `/appointments/new?client=${number(mia)}&service=${service}`,
  '/clients',
  '/clients?q=nobodyhasthisname',
  '/clients/new',
  mia,
  sam,
  `${mia}/edit`,
  `${mia}/links/new`,
  `${mia}/links/new?other_q=sam`,
  `${mia}/links/new/${number(sam)}`,
  `${mia}/links/${number(ana)}`,
  `${mia}/links/${number(ana)}/remove`,
  '/settings',
  '/settings/services',
  `/settings/services/${service}`,
  '/settings/practitioners',
  `/settings/practitioners/${priya}`,
];

const PAGES: [who: string, email: string | null, paths: (at: Addresses, desk: Desk) => string[] | Promise<string[]>][] = [
  ['nobody', null, () => ['/login', '/login?done=logged-out', '/reset', '/reset?sent=1', '/claim/garbage', '/nowhere']],
  ['staff, clients', 'staff@demo.test', (at) => staffPages(at).slice(0, 11)],
  ['staff, links and settings', 'staff@demo.test', (at) => staffPages(at).slice(11)],
  [
    'administrator',
    'admin@demo.test',
    async ({ service, priya }, desk) => {
      await desk.invite(await desk.client());
      const mail = await desk.find('/settings/outbox', /\/settings\/outbox\/[\w-]+/);
      return ['/settings', '/settings/services/new', `/settings/services/${service}`, `/settings/practitioners/${priya}`, '/settings/welcome', '/settings/outbox', '/settings/outbox?state=failed', mail];
    },
  ],
  [
    'practitioner',
    'practitioner@demo.test',
    ({ mia, appointment }) => ['/calendar', '/clients/mine', '/clients/new', mia, `${mia}/edit`, appointment, '/settings'],
  ],
  [
    'client',
    'parent@demo.test',
    ({ service }) => ['/my/appointments', '/book', `/book?service=${service}`, '/clients', '/nowhere'],
  ],
];

/** The page's title, before the name of the practice. */
async function title(page: Page): Promise<string> {
  const [own, practice, ...rest] = (await page.title()).split(' · ');
  return practice === 'Maple & Birch Family Practice' && rest.length === 0 ? own! : '';
}

async function check(page: Page, path: string): Promise<void> {
  await test.step(path, async () => {
    const response = await page.goto(path);
    expect(response?.status(), path).toBeLessThan(500);
    await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1);
    const refused = (response?.status() ?? 0) >= 400;
    if (!refused) expect(await title(page), `the title of ${path}`).not.toBe('');
    // Without scripts a page is as wide and as colourful as with them.
    if (!hasJavaScript() && page.viewportSize()?.width === 1280) return;
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
    test(`every page at ${width} pixels: ${who}`, async ({ page, desk }) => {
      test.setTimeout(180_000);
      await page.setViewportSize({ width, height });
      const all = await paths(await addresses(desk), desk);
      if (email !== null) await as(page, email);
      for (const path of all) await check(page, path);
    });
  }
}

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
    await page.goto(`/book?service=${await desk.serviceId('Counselling session')}`);
    const time = page.locator('a.time').first();
    const href = (await time.getAttribute('href'))!;
    if (hasJavaScript()) {
      await time.click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await axe(page);
      await fits(page, 'the dialog');
    }
    await check(page, href);
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
  for (const [email, path] of [['staff@demo.test', '/clients?q=okafor'], ['parent@demo.test', '/my/appointments']] as const) {
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
