// How the browser tests run: every spec with JavaScript and without, in the system's Chromium,
// against the server that scripts/test has started.
import { defineConfig, devices } from '@playwright/test';

const root = process.getuid?.() === 0;

// The workers inherit it. `KINDRED_SEED=… scripts/test` gives every test the same random words again.
if (process.env.KINDRED_SEED === undefined) {
  process.env.KINDRED_SEED = String(Date.now() % 1_000_000);
  console.log(`KINDRED_SEED=${process.env.KINDRED_SEED}`);
}

const launchOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    ...(root ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** What is tried with the browser's back/forward cache on: Playwright switches it off. */
const BACK = /back\.spec\.ts$/;

const PHONE = { width: 390, height: 844 };

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  // What fails once and then passes is named "flaky" in the summary; what fails twice fails the run.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // The JSON goes to the file named by PLAYWRIGHT_JSON_OUTPUT_FILE: scripts/test counts from it.
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    ...devices['Desktop Chrome'],
    baseURL: process.env.KINDRED_URL ?? 'http://localhost:3000',
    viewport: { width: 1280, height: 800 },
    actionTimeout: 15_000,
    locale: 'en-CA',
    timezoneId: 'America/Vancouver',
    // A colour in the middle of a transition has no contrast to speak of.
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    // A trace makes every test slower: PLAYWRIGHT_TRACE=1 to look into a failure.
    trace: process.env.PLAYWRIGHT_TRACE ? 'retain-on-failure' : 'off',
    launchOptions,
  },
  // Every journey runs twice: with JavaScript on a wide screen, and without it on a phone.
  projects: [
    // A test that makes sense on one side only carries the tag @js or @no-js in its title.
    { name: 'js', testIgnore: BACK, grepInvert: /@no-js\b/ },
    { name: 'no-js', testIgnore: BACK, grepInvert: /(?<!-)@js\b/, use: { javaScriptEnabled: false, viewport: PHONE } },
    // Clients book on phones.
    { name: 'phone', testIgnore: BACK, grep: /@portal\b/, grepInvert: /@no-js\b/, use: { viewport: PHONE, hasTouch: true, isMobile: true } },
    { name: 'bfcache', testMatch: BACK, use: { launchOptions: { ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] } } },
  ],
});
