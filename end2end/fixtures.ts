// What every spec imports instead of @playwright/test: a page that fails its test on any error in
// console, script or server, and the helpers that most specs need.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { Desk, enter, FRESH, PASSWORD } from './desk.ts';

export { expect, PASSWORD };
export { between, oneOf, random } from './random.ts';
export { someDay, word, type Booked, type Client } from './desk.ts';

interface Fixtures {
  /** Errors that the test provokes: `test.use({ expectedErrors: [/status of 422/] })`. */
  expectedErrors: RegExp[];
  /** Another browser, logged in as `email` or not at all. */
  open: (email?: string) => Promise<Page>;
}

interface Shared {
  /** Where the server is. */
  address: string;
  /** The front desk, for what is to be there before a test begins. */
  desk: Desk;
}

export const test = base.extend<Fixtures, Shared>({
  expectedErrors: [[], { option: true }],

  address: [({}, use, info) => use(info.project.use.baseURL ?? ''), { scope: 'worker' }],

  baseURL: ({ address }, use) => use(address),

  page: async ({ page, address, expectedErrors }, use) => {
    const errors = watch(page, address);
    await use(page);
    await copies.get(page.context())?.context().close();
    nothingIn(errors, expectedErrors);
  },

  open: async ({ browser, address, expectedErrors }, use) => {
    const contexts: BrowserContext[] = [];
    const errors: string[][] = [];
    await use(async (email) => {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      errors.push(watch(page, address));
      if (email !== undefined) await as(page, email);
      return page;
    });
    const all = contexts.flatMap((context) => [context, copies.get(context)?.context() ?? []].flat());
    await Promise.all(all.map((context) => context.close()));
    nothingIn(errors.flat(), expectedErrors);
  },

  desk: [
    async ({ address }, use) => {
      const desk = await Desk.open(address);
      await use(desk);
      await desk.close();
    },
    { scope: 'worker' },
  ],
});

/** Collects what goes wrong on a page, and makes `goto` wait until the page is hydrated. */
function watch(page: Page, address: string): string[] {
  const errors: string[] = [];
  // Chromium reports a page answered with 403, 404 or 422 in the console, although the server
  // meant it and sent a page that says so.
  const refused = new Set<string>();

  page.on('response', (response) => {
    const status = response.status();
    if (!response.url().startsWith(address)) return;
    if (status >= 500) errors.push(`${status} ${response.request().method()} ${response.url()}`);
    else if (status >= 400 && (response.request().isNavigationRequest() || response.request().method() === 'POST')) refused.add(response.url());
  });
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    if (message.text().startsWith('Failed to load resource') && refused.has(url)) return;
    errors.push(`console: ${message.text()} (${url})`);
  });
  page.on('pageerror', (error) => errors.push(`page: ${error.stack ?? error.message}`));

  const goto = page.goto.bind(page);
  page.goto = async (url, options) => {
    const response = await goto(url, options);
    if (response?.headers()['content-type']?.startsWith('text/html')) await hydrated(page);
    return response;
  };
  const reload = page.reload.bind(page);
  page.reload = async (options) => {
    const response = await reload(options);
    await hydrated(page);
    return response;
  };
  return errors;
}

function nothingIn(errors: string[], expected: RegExp[]): void {
  const unexpected = errors.filter((error) => !expected.some((known) => known.test(error)));
  expect(unexpected, 'errors in console, scripts or server').toEqual([]);
}

/** Waits until the islands of the page answer. `goto` and `follow` do so by themselves. Without
 * JavaScript there is nothing to wait for. */
export async function hydrated(page: Page): Promise<void> {
  if (hasJavaScript()) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

/** Clicks what leads to another page, or sends a form; waits for the page that comes, and gives
 * back its status. */
export async function follow(target: Locator): Promise<number> {
  const page = target.page();
  const frame = page.mainFrame();
  const [answer] = await Promise.all([
    page.waitForResponse((answer) => {
      const redirects = answer.status() >= 300 && answer.status() < 400;
      return answer.request().isNavigationRequest() && answer.frame() === frame && !redirects;
    }),
    page.waitForEvent('framenavigated', (moved) => moved === frame),
    target.click(),
  ]);
  await page.waitForLoadState();
  await hydrated(page);
  return answer.status();
}

/** Whether this test runs in the project with JavaScript. */
export function hasJavaScript(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** What axe finds, in light and in dark, fails the test: all of its rules, and those about colours
 * once more in dark. The HTML is the same without JavaScript, so it is judged there only where a
 * test is tagged @no-js: its pages are seen nowhere else. */
export async function axe(page: Page): Promise<void> {
  if (!hasJavaScript() && !test.info().titlePath.some((title) => /@no-js\b/.test(title))) return;
  const subject = hasJavaScript() ? page : await copyWithScripts(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await subject.emulateMedia({ colorScheme });
    // There are no frames; in its other mode axe opens a page each time.
    const builder = new AxeBuilder({ page: subject }).setLegacyMode();
    if (colorScheme === 'dark') builder.withRules(['color-contrast', 'link-in-text-block']);
    const { violations } = await builder.analyze();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(' ')}. ${failureSummary ?? ''}`),
    );
    expect(found, `axe, ${colorScheme}, ${page.url()}`).toEqual([]);
  }
  await subject.emulateMedia({ colorScheme: null });
  if (subject !== page) await subject.unrouteAll();
}

/** Where scripts may run, one page for each browser in which they may not. */
const copies = new WeakMap<BrowserContext, Page>();

/** axe is a script itself. Where scripts are disabled it gets the page as it stands there, without
 * the page's own scripts, in a context that lets it run. */
async function copyWithScripts(page: Page): Promise<Page> {
  const html = (await page.content())
    .replace(/<script\b[^>]*>.*?<\/script>/gis, '')
    .replace(/<(\/?)noscript\b/gi, '<$1div');
  let copy = copies.get(page.context());
  if (copy === undefined) {
    const context = await page.context().browser()!.newContext({ javaScriptEnabled: true });
    copy = await context.newPage();
    copies.set(page.context(), copy);
  }
  const viewport = page.viewportSize();
  if (viewport !== null) await copy.setViewportSize(viewport);
  await copy.route(page.url(), (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  await copy.goto(page.url());
  return copy;
}

/** Logs in through the form. */
export async function login(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Email or username').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await follow(page.getByRole('button', { name: 'Log in' }));
  await expect(page).not.toHaveURL(/\/login/);
}

type Cookies = Parameters<BrowserContext['addCookies']>[0];

/** Sessions that this worker has opened, and when; it knows one server. */
const sessions = new Map<string, { cookies: Cookies; since: number }>();

/** Gives the page the session of an account, whose password was given a moment ago: what asks for it
 * again does not ask. Not for tests that log out. */
export async function as(page: Page, email: string): Promise<void> {
  const context = page.context();
  await context.clearCookies();
  const known = sessions.get(email);
  if (known !== undefined && Date.now() - known.since < FRESH) {
    await context.addCookies(known.cookies);
    return;
  }
  await enter(context.request, email);
  if (email.endsWith('@demo.test')) sessions.set(email, { cookies: await context.cookies(), since: Date.now() });
}
