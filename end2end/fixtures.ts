// What every spec imports instead of @playwright/test: a page that fails its test on any error in
// console, script or server, and the helpers that most specs need.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';

export { expect };

/** The password of every demo log-in. */
export const PASSWORD = 'kindred-demo-1';

export const test = base.extend<{ expectedErrors: RegExp[] }>({
  /** Errors that the test provokes: `test.use({ expectedErrors: [/status of 422/] })`. */
  expectedErrors: [[], { option: true }],

  page: async ({ page, baseURL, javaScriptEnabled, expectedErrors }, use) => {
    const errors: string[] = [];
    // Chromium reports a page answered with 403, 404 or 422 in the console, although the server
    // meant it and sent a page that says so.
    const refused = new Set<string>();

    page.on('response', (response) => {
      const status = response.status();
      if (!response.url().startsWith(baseURL ?? '')) return;
      if (status >= 500) errors.push(`${status} ${response.request().method()} ${response.url()}`);
      else if (status >= 400 && response.request().isNavigationRequest()) refused.add(response.url());
    });
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const { url } = message.location();
      if (message.text().startsWith('Failed to load resource') && refused.has(url)) return;
      errors.push(`console: ${message.text()} (${url})`);
    });
    page.on('pageerror', (error) => errors.push(`page: ${error.stack ?? error.message}`));

    if (javaScriptEnabled !== false) {
      const goto = page.goto.bind(page);
      page.goto = async (url, options) => {
        const response = await goto(url, options);
        if (response?.headers()['content-type']?.startsWith('text/html')) await hydrated(page);
        return response;
      };
    }

    await use(page);

    const unexpected = errors.filter((error) => !expectedErrors.some((known) => known.test(error)));
    expect(unexpected, 'errors in console, scripts or server').toEqual([]);
  },
});

/** Waits until the islands of the page answer. `page.goto` does so by itself; after a click that
 * leads to another page it has to be said. Without JavaScript there is nothing to wait for. */
export async function hydrated(page: Page): Promise<void> {
  if (hasJavaScript()) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

/** Whether this test runs in the project with JavaScript. */
export function hasJavaScript(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Fails on whatever axe finds, in light and in dark, with all of its rules. */
export async function axe(page: Page): Promise<void> {
  const subject = hasJavaScript() ? page : await copyWithScripts(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await subject.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page: subject }).analyze();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(' ')}. ${failureSummary ?? ''}`),
    );
    expect(found, `axe, ${colorScheme}`).toEqual([]);
  }
  await subject.emulateMedia({ colorScheme: null });
  if (subject !== page) await subject.context().close();
}

/** axe is a script itself. Where scripts are disabled it gets the page as it stands there, without
 * the page's own scripts, in a context that lets it run. */
async function copyWithScripts(page: Page): Promise<Page> {
  const html = (await page.content())
    .replace(/<script\b[^>]*>.*?<\/script>/gis, '')
    .replace(/<(\/?)noscript\b/gi, '<$1div');
  const context = await page.context().browser()!.newContext({
    javaScriptEnabled: true,
    storageState: await page.context().storageState(),
    viewport: page.viewportSize(),
  });
  const copy = await context.newPage();
  await copy.route(page.url(), (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  await copy.goto(page.url());
  return copy;
}

/** Logs a demo person in through the form, as they would. */
export async function login(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('E-mail or username').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
  await hydrated(page);
}
