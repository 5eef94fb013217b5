// The calendar as a desk works with it: keys, attendance, moving, and what others change.
import type { Desk } from '../desk.ts';
import { as, axe, expect, test, type Booked, type Client } from '../fixtures.ts';
import { toast, venueDate } from './steps.ts';
import type { Locator, Page } from '@playwright/test';

const PRACTITIONER = 'Dr. Priya Raman';

/** An appointment on a day with little else, and the day's page of that practitioner. */
async function onTheDay(page: Page, desk: Desk): Promise<{ client: Client; booked: Booked; block: Locator; address: string }> {
  const client = await desk.client({ email: false });
  const booked = await desk.book(client, null, { practitioner: PRACTITIONER });
  await as(page, 'staff@demo.test');
  const address = `/calendar?date=${venueDate(booked.start.toISOString())}&practitioner=${booked.practitioner}`;
  await page.goto(address);
  await page.locator('.cal.live').waitFor();
  return { client, booked, block: page.getByRole('link', { name: client.name }), address };
}

function said(page: Page): Locator {
  return page.locator('.cal-say');
}

/** Presses the key until what is said fits. */
async function until(page: Page, key: string, words: RegExp): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    await page.keyboard.press(key);
    if (words.test((await said(page).textContent()) ?? '')) return;
  }
  throw new Error(`${key} never led to ${words}: ${await said(page).textContent()}`);
}

async function time(block: Locator): Promise<string> {
  return (await block.locator('.t').innerText()).trim();
}

test('the arrows lead through appointments and free times, and Tab to one of each column @js', async ({ page, desk }) => {
  const { client, block } = await onTheDay(page, desk);
  await expect(page.locator('.cal-say')).toHaveText('');
  await block.focus();
  for (const key of ['ArrowDown', 'ArrowUp']) await page.keyboard.press(key);
  await expect(block).toBeFocused();
  await page.keyboard.press('Home');
  const first = page.locator('.cal-column ol > li > a').first();
  await expect(first).toBeFocused();
  await expect(page.locator('.cal-column ol > li > a[tabindex="0"]')).toHaveCount(1);
  await axe(page);
  await block.focus();
  await Promise.all([page.waitForURL(/\/appointments\/[\w-]{36}$/), page.keyboard.press('Enter')]);
  await expect(page.getByRole('main')).toContainText(client.name);
});

test('a free time that is reached by the arrows can be heard, and Enter books it @js', async ({ page, desk }) => {
  const { address, block } = await onTheDay(page, desk);
  await block.focus();
  // The appointment itself may be the last of the day: then the first is free.
  const all = page.locator('.cal-column ol > li > a');
  const isLast = ((await all.last().getAttribute('href')) ?? '').startsWith('/appointments/') && !((await all.last().getAttribute('href')) ?? '').includes('/new');
  await page.keyboard.press(isLast ? 'Home' : 'End');
  const free = isLast ? all.first() : all.last();
  await expect(free).toBeFocused();
  await expect(free).toHaveAccessibleName(/^Book Dr\. Priya Raman/);
  await page.keyboard.press('n');
  await page.waitForURL(/\/appointments\/new\?.*&at=/);
  await page.goto(address);
  await page.locator('.cal.live').waitFor();
  await block.focus();
  await Promise.all([page.waitForURL((url) => !url.href.endsWith(address)), page.keyboard.press('PageDown')]);
  await page.locator('.cal.live').waitFor();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Pick up to move');
});

test('an appointment is moved by the keyboard, each step says how it is there, and u takes it back @js', async ({ page, desk }) => {
  const { client, block } = await onTheDay(page, desk);
  const before = await time(block);
  await block.focus();
  await page.keyboard.press('m');
  await expect(said(page)).toHaveText(new RegExp(`^Moving ${client.name}\\. .* Enter drops, Escape leaves\\.$`));
  await page.keyboard.press('Escape');
  await expect(said(page)).toHaveText('Left where it was.');
  await expect(page.locator('.cal-ghost')).toHaveCount(0);

  await page.keyboard.press('m');
  await page.keyboard.press('ArrowDown');
  // The last of the day stays where it is.
  if (((await said(page).textContent()) ?? '').startsWith('Moving')) await page.keyboard.press('ArrowUp');
  await expect(said(page)).toHaveText(/^\d+:\d\d [ap]m to \d+:\d\d [ap]m, Dr\. Priya Raman: /);
  await expect(page.locator('.cal-ghost')).toBeVisible();
  await axe(page);
  // At the edge of the hours it stays, so the way back is tried as well.
  await until(page, 'ArrowDown', /: free$/).catch(() => until(page, 'ArrowUp', /: free$/));
  await page.keyboard.press('Enter');
  await toast(page, `Moved: ${client.name}`);
  await expect(block).toBeFocused();
  await expect.poll(() => time(block)).not.toBe(before);
  await axe(page);

  await page.keyboard.press('u');
  await toast(page, 'Undone.');
  await expect.poll(() => time(block)).toBe(before);
});

test('an appointment is made longer by the keyboard @js', async ({ page, desk }) => {
  const { client, block } = await onTheDay(page, desk);
  await block.focus();
  await page.keyboard.press('m');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Enter');
  await toast(page, `Moved: ${client.name}`);
  await page.keyboard.press('Control+z');
  await toast(page, 'Undone.');
});

/** Two appointments of one day, the first picked up and held over the second. */
async function overAnother(page: Page, desk: Desk) {
  const one = await onTheDay(page, desk);
  const other = await desk.client({ email: false });
  // Some hour of the day is free.
  for (let hours = -7; hours < 8; hours += 1) {
    const start = new Date(one.booked.start.getTime() + hours * 3_600_000).toISOString().replace('.000', '');
    if (hours !== 0 && (await desk.take(other, start, one.booked.practitioner, { practitioner: PRACTITIONER }).catch(() => false))) {
      await page.goto(one.address);
      await page.locator('.cal.live').waitFor();
      await one.block.focus();
      await page.keyboard.press('m');
      await until(page, hours > 0 ? 'ArrowDown' : 'ArrowUp', new RegExp(`${other.name} until`));
      return { ...one, other };
    }
  }
  throw new Error('no second time was free');
}

test('a refused drop goes back and says why, and is made over it with a reason @js', async ({ page, desk }) => {
  const { block, other } = await overAnother(page, desk);
  const before = await time(block);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'This time isn’t free' });
  await expect(dialog).toContainText(other.name);
  await axe(page);
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  await expect(page.locator('.cal-ghost')).toHaveCount(0);
  expect(await time(block)).toBe(before);

  await block.focus();
  await page.keyboard.press('m');
  await until(page, 'ArrowDown', new RegExp(`${other.name} until`)).catch(() => until(page, 'ArrowUp', new RegExp(`${other.name} until`)));
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Reason').fill('Both agreed');
  await dialog.getByRole('button', { name: 'Move anyway' }).click();
  await toast(page, 'Moved: ');
  await expect(page.locator('li').filter({ has: block }).getByText('Overbooked')).toBeAttached();
  await block.focus();
  await Promise.all([page.waitForURL(/\/appointments\/[\w-]{36}$/), page.keyboard.press('Enter')]);
  await expect(page.getByRole('main')).toContainText('Both agreed');
});

test('a move over the change of someone else says so and loses nothing @js', async ({ page, desk }) => {
  const { client, booked, block } = await onTheDay(page, desk);
  await block.focus();
  await page.keyboard.press('m');
  await until(page, 'ArrowDown', /: free$/).catch(() => until(page, 'ArrowUp', /: free$/));
  // Meanwhile at another desk.
  const local = await desk.find(`/appointments/${booked.id}/move`, /name="form\[slot\]" value="([^"]+)"/);
  await desk.send('/fn/appointments/move', { appointment: booked.id, version: '1', slot: local });
  await page.keyboard.press('Enter');
  await toast(page, 'Someone else changed this appointment.');
  const shown = await page.goto(booked.url);
  expect(shown?.status()).toBe(200);
  await expect(page.getByRole('main')).toContainText(client.name);
});

test('an appointment is dragged, and its lower edge makes it longer @js', async ({ page, desk }) => {
  const { client, block } = await onTheDay(page, desk);
  const item = page.locator('li').filter({ has: block });
  const before = await time(block);
  // In the middle of the window, with room to move both ways.
  const middle = () => item.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await middle();
  const box = (await item.boundingBox())!;
  const { x, y, width } = { x: box.x + box.width / 2, y: box.y + 6, width: box.width };
  expect(width).toBeGreaterThan(100);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + 20, { steps: 4 });
  await expect(page.locator('.cal-ghost')).toBeVisible();
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(page.locator('.cal-ghost')).toHaveCount(0);
  await page.mouse.up();
  expect(await time(block)).toBe(before);
  await expect(page).toHaveURL(/\/calendar/);

  // Down or up until it is free there.
  for (const by of [70, -70, 140, -140, 210, -210, 280, -280]) {
    await middle();
    const at = (await item.boundingBox())!;
    const from = { x: at.x + at.width / 2, y: at.y + 8 };
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, from.y + by / 2, { steps: 3 });
    await page.mouse.move(from.x, from.y + by, { steps: 3 });
    if (await page.locator('.cal-ghost:not(.not-free)').isVisible()) {
      await page.mouse.up();
      await toast(page, `Moved: ${client.name}`);
      await expect.poll(() => time(block)).not.toBe(before);
      return;
    }
    await page.keyboard.press('Escape');
    await page.mouse.up();
  }
  throw new Error('no free time was near');
});

test('a finger that rests on an appointment carries it @js', async ({ page, desk }) => {
  const { block } = await onTheDay(page, desk);
  await block.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const box = (await block.boundingBox())!;
  const input = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y: number) =>
    input.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: box.x + 40, y }] });
  await touch('touchStart', box.y + 8);
  await expect(page.locator('.cal-ghost')).toBeVisible();
  await touch('touchMove', box.y + 60);
  await expect(said(page)).toHaveText(/Dr\. Priya Raman: /);
  await page.keyboard.press('Escape');
  await expect(page.locator('.cal-ghost')).toHaveCount(0);
  await touch('touchEnd', box.y + 60);
  // A swipe is none.
  await touch('touchStart', box.y + 8);
  await touch('touchMove', box.y + 60);
  await page.waitForTimeout(600);
  await expect(page.locator('.cal-ghost')).toHaveCount(0);
  await touch('touchEnd', box.y + 60);
});

test('who came is noted by one key each and taken back by u @js', async ({ page }) => {
  await as(page, 'staff@demo.test');
  // A day of the demo that is over, other than that of the list's test.
  let block = page.locator('li[data-p]:not([data-p*="|"]) > a').last();
  for (let days = 9; days < 20; days += 1) {
    const date = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`/calendar?date=${date}`);
    await page.locator('.cal.live').waitFor();
    if ((await block.count()) > 0) break;
  }
  const href = (await block.getAttribute('href'))!;
  block = page.locator(`.cal a[href="${href}"]`);
  const item = page.locator('.cal li').filter({ has: page.locator(`a[href="${href}"]`) });
  const state = async () => ((await item.getAttribute('data-p')) ?? '').split(' ')[1];
  const before = await state();
  await block.focus();
  if (before === 'arrived' || before === 'attended') await page.keyboard.press('x');
  else await page.keyboard.press('a');
  await expect.poll(state).not.toBe(before);
  await expect(page.locator('.toast')).toContainText(/: (Arrived|No show|Expected)\./);
  await expect(block).toBeFocused();
  await page.keyboard.press('u');
  await toast(page, 'Undone.');
  await expect.poll(state).toBe(before);
  await axe(page);
});

test('what another desk changes appears by itself, and only what changed is sent @js', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  const booked = await desk.book(client, null, { practitioner: PRACTITIONER });
  await as(page, 'staff@demo.test');
  await page.clock.install();
  await page.goto(`/calendar?view=week&date=${venueDate(booked.start.toISOString())}&practitioner=${booked.practitioner}`);
  await page.locator('.cal.live').waitFor();
  const asked = () => page.waitForResponse((answer) => answer.url().includes('/fn/calendar/columns'));
  let answer = asked();
  await page.clock.fastForward(21_000);
  expect((await answer).status()).toBe(200);
  answer = asked();
  await page.clock.fastForward(21_000);
  expect((await answer).status()).toBe(304);

  const block = page.getByRole('link', { name: client.name });
  await block.focus();
  const before = await time(block);
  const slot = await desk.find(`/appointments/${booked.id}/move`, /name="form\[slot\]" value="([^"]+)"/);
  await desk.send('/fn/appointments/move', { appointment: booked.id, version: '1', slot });
  answer = asked();
  await page.clock.fastForward(21_000);
  const html = await (await answer).text();
  expect(html.match(/data-kept/g)?.length ?? 0).toBeGreaterThanOrEqual(5);
  const [day] = new Date(slot.split(' ')[0]!).toISOString().split('T');
  const sameWeek = Math.abs(Date.parse(day!) - booked.start.getTime()) < 7 * 86_400_000;
  if (sameWeek && (await block.count()) > 0) {
    await expect.poll(() => time(block)).not.toBe(before);
    await expect(block).toBeFocused();
  } else {
    await expect(block).toHaveCount(0);
  }
});
