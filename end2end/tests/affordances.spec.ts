// What people expect of any page: menus that close, a picker that leads on, keys that can be
// switched off, a notice that is announced, colours of one's own, and a question before what was
// typed is lost.
import { as, expect, follow, hydrated, test, word, type Client } from '../fixtures.ts';
import { addresses } from '../routes.ts';
import { openForm, toast } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

/** The menu that opens at this button. */
function menu(page: Page, summary: string): Locator {
  return page.locator('details.menu').filter({ has: page.locator('summary', { hasText: new RegExp(`^${summary}$`) }) });
}

/** The colours that a row is painted with: of its text, and of what lies over or under it. */
function painted(row: Locator): Promise<{ text: string; under: string; over: string }> {
  return row.evaluate((row) => {
    const link = row.querySelector('a.row-link')!;
    const under = [...ancestors(link)].map((one) => getComputedStyle(one).backgroundColor).find((colour) => !/, 0\)$/.test(colour));
    return { text: getComputedStyle(link).color, under: under ?? 'none', over: getComputedStyle(link, '::after').backgroundColor };
    function* ancestors(from: Element) {
      for (let one: Element | null = from; one !== null; one = one.parentElement) yield one;
    }
  });
}

test.describe('in colours of one’s own @js', () => {
  test.use({ contextOptions: { forcedColors: 'active', reducedMotion: 'reduce' } });

  test('the rows of a list can be read', async ({ page }) => {
    await as(page, 'admin@demo.test');
    for (const path of ['/clients', '/activities?whose=all', '/settings/services']) {
      await page.goto(path);
      const row = page.locator('tbody tr').first();
      const { text, under, over } = await painted(row);
      expect(text, `${path}: text on its ground`).not.toBe(under);
      // What makes the whole row a link lies over the text, and is not painted.
      expect(over, `${path}: over the text`).toMatch(/^rgba\(.*, 0\)$/);
    }
  });
});

test.describe('menus @js', () => {
  test.beforeEach(async ({ page, desk }) => {
    const { ana } = await addresses(desk);
    await as(page, 'staff@demo.test');
    await page.goto(ana);
  });

  test('Escape closes a menu and goes back to its button', async ({ page }) => {
    const status = menu(page, 'Status');
    await status.locator('summary').click();
    await expect(status).toHaveAttribute('open');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await expect(status).not.toHaveAttribute('open');
    await expect(status.locator('summary')).toBeFocused();
  });

  test('a press elsewhere closes a menu', async ({ page }) => {
    const more = menu(page, 'More');
    await more.locator('summary').click();
    await expect(more).toHaveAttribute('open');
    await page.getByRole('heading', { level: 1 }).click();
    await expect(more).not.toHaveAttribute('open');
  });

  test('one menu is open at a time', async ({ page }) => {
    const [status, more] = [menu(page, 'Status'), menu(page, 'More')];
    await status.locator('summary').click();
    // From the keyboard, so that no press elsewhere has closed the first.
    await more.locator('summary').focus();
    await page.keyboard.press('Enter');
    await expect(more).toHaveAttribute('open');
    await expect(status).not.toHaveAttribute('open');
  });
});

test('Enter chooses a client, and Enter again goes on @js', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  await as(page, 'staff@demo.test');
  await page.goto('/appointments/new');
  const picker = page.getByRole('combobox').and(page.locator('[id^="picker-"]'));
  await picker.fill(client.name);
  await expect(page.getByRole('option', { name: client.name })).toBeVisible();
  await picker.press('Enter');
  await expect(page.getByRole('button', { name: 'Continue' })).toBeFocused();
  await Promise.all([page.waitForURL(new RegExp(`client=${client.number}`)), page.keyboard.press('Enter')]);
  await expect(page.getByRole('heading', { name: 'New appointment' })).toBeVisible();
});

test.describe('single keys @js', () => {
  const dialog = (page: Page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' });

  test('a question mark lists the keys', async ({ page }) => {
    await as(page, 'staff@demo.test');
    await page.goto('/calendar');
    await page.keyboard.press('?');
    await expect(dialog(page)).toBeVisible();
    for (const words of ['New client', 'New appointment', 'Search this list', 'Next row, previous row']) {
      await expect(dialog(page).getByText(words).first()).toBeVisible();
    }
    await page.keyboard.press('Escape');
    await expect(dialog(page)).toBeHidden();
    await page.keyboard.press('n');
    await expect(page.getByRole('dialog').getByLabel('First name')).toBeVisible();
  });

  test('switched off, only keys with Ctrl do something', async ({ page }) => {
    await as(page, 'trainee@demo.test');
    const choose = async (on: boolean) => {
      await page.goto('/account');
      await page.getByLabel('Single-key shortcuts').setChecked(on);
      await follow(page.getByRole('button', { name: 'Save preferences' }));
    };
    await choose(false);
    try {
      await page.goto('/clients/mine');
      for (const key of ['?', 'n', '/']) await page.keyboard.press(key);
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await expect(page.locator('input:focus')).toHaveCount(0);
      await page.keyboard.press('Control+k');
      await expect(page.locator('#find-client')).toBeFocused();
    } finally {
      await choose(true);
    }
    await page.goto('/clients/mine');
    await page.keyboard.press('?');
    await expect(dialog(page)).toBeVisible();
  });
});

test('a name alone is saved from the create window @js', async ({ page }) => {
  const name = { first: word(), last: word() };
  await as(page, 'staff@demo.test');
  await page.goto('/clients');
  const form = await openForm(page.getByRole('link', { name: 'New client' }));
  await form.getByLabel('First name').fill(name.first);
  await form.getByLabel('Last name').fill(name.last);
  expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${name.first} ${name.last}`);
});

test('a notice is put into a region that is there already, so that it is announced @js', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  await as(page, 'staff@demo.test');
  await page.goto(client.url);
  const region = page.locator('#toasts');
  await expect(region).toHaveAttribute('role', 'status');
  await expect(region).toBeEmpty();
  const status = menu(page, 'Status');
  await status.locator('summary').click();
  const answered = page.waitForResponse((answer) => answer.request().isNavigationRequest() && answer.status() === 200);
  await status.getByRole('button', { name: 'Make inactive' }).click();
  // The page as it was sent has an empty region: what is in it from the start is not read out.
  expect(await (await answered).text()).toMatch(/id="toasts"[^>]*role="status"[^>]*>\s*(<!--.*?-->\s*)*<\/|role="status"[^>]*id="toasts"[^>]*>\s*(<!--.*?-->\s*)*<\//);
  await hydrated(page);
  await expect(region.locator('.toast')).toBeVisible();
  await toast(page, 'Status changed.');
});

test.describe('a long form that was not saved @js', () => {
  /** How often the browser asked whether to leave; it is answered with *Stay*. */
  function asked(page: Page): { times: number } {
    const seen = { times: 0 };
    page.on('dialog', (dialog) => {
      if (dialog.type() === 'beforeunload') seen.times += 1;
      void dialog.dismiss();
    });
    return seen;
  }

  let client: Client;
  test.beforeEach(async ({ page, desk }) => {
    client = await desk.client({ email: false });
    await as(page, 'staff@demo.test');
    await page.goto(`${client.url}/edit`);
  });

  test('asks before it is left', async ({ page }) => {
    const seen = asked(page);
    await page.getByLabel('Last name').fill(word());
    await page.getByRole('link', { name: 'Calendar' }).click();
    await expect.poll(() => seen.times).toBe(1);
    await expect(page).toHaveURL(new RegExp(`${client.url}/edit$`));
  });

  test('asks nothing when nothing changed', async ({ page }) => {
    const seen = asked(page);
    const last = page.getByLabel('Last name');
    await last.fill(word());
    await last.fill(client.last);
    await follow(page.getByRole('link', { name: 'Calendar' }));
    await expect(page).toHaveURL(/\/calendar/);
    expect(seen.times).toBe(0);
  });

  test('asks nothing when it is saved', async ({ page }) => {
    const seen = asked(page);
    await page.getByLabel('Last name').fill(word());
    expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(200);
    await expect(page).toHaveURL(new RegExp(`${client.url}$`));
    await follow(page.getByRole('link', { name: 'Calendar' }));
    expect(seen.times).toBe(0);
  });

  test('asks when it came back refused', async ({ page }) => {
    const seen = asked(page);
    await page.getByLabel('Email', { exact: true }).fill('nowhere');
    expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(422);
    await page.getByRole('link', { name: 'Calendar' }).click();
    await expect.poll(() => seen.times).toBe(1);
  });
});
