import { chromium } from '@playwright/test';
const base = process.env.KINDRED_URL;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] });
const [login, ...paths] = process.argv.slice(2);
const ctx = await browser.newContext({ reducedMotion: 'reduce' });
const page = await ctx.newPage();
await page.goto(base + '/login');
await page.getByLabel('E-mail or username').fill(login);
await page.getByLabel('Password', { exact: true }).fill('kindred-demo-1');
await page.getByRole('button', { name: 'Log in' }).click();
await page.waitForURL((u) => u.pathname !== '/login');
for (const spec of paths) {
  const [name, path, w = '1280', scheme = 'light'] = spec.split('|');
  await page.setViewportSize({ width: Number(w), height: 900 });
  await page.emulateMedia({ colorScheme: scheme });
  await page.goto(base + path);
  await page.screenshot({ path: `/tmp/h/settings-shots/${name}.png`, fullPage: true });
}
await browser.close();
