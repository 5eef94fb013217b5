// Video visits: where they are held, opened by staff, joined by the client.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { toast } from './steps.ts';

test('a visit by video is set up, opened by staff, and waits for its minutes @portal', async ({ page, open, desk }) => {
  const admin = await open('admin@demo.test');
  await admin.goto('/settings/visits');
  await axe(admin);
  const place = admin.getByLabel('Counselling session', { exact: true });
  const save = admin.getByRole('button', { name: 'Save Counselling session' });
  await place.fill('http://meet.example.org/{room}');
  expect(await follow(save)).toBe(422);
  await expect(place).toHaveValue('http://meet.example.org/{room}');
  await expect(place).toHaveAttribute('aria-invalid', 'true');
  await axe(admin);
  await place.fill('https://meet.example.org/{room}');
  expect(await follow(save)).toBe(200);
  await toast(admin, 'Video visits saved.');
  await expect(place).toHaveValue('https://meet.example.org/{room}');

  const client = await desk.member();
  const { id, url } = await desk.book(client);
  await desk.send('/fn/appointments/save_details', { note: '', modality: 'video' }, { appointment: id });
  await as(page, 'staff@demo.test');
  await page.goto(url);
  expect(await follow(page.getByRole('button', { name: 'Open the visit' }))).toBe(200);
  await expect(page.getByRole('link', { name: /^Join the visit/ })).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText('meet.example.org');
  await axe(page);

  const portal = await open(client.email);
  await portal.goto(`/my/appointments/${id}`);
  await expect(portal.getByRole('main')).toContainText('You can join from');
  await expect(portal.getByRole('link', { name: 'Join the visit' })).toHaveCount(0);
  await axe(portal);
});

test.describe('of a link that opens nothing', () => {
  test.use({ expectedErrors: [/status of 410/] });

  test('the page says so @portal', async ({ page }) => {
    expect((await page.goto('/visit/no-such-link'))?.status()).toBe(410);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Link no longer valid');
    await axe(page);
  });
});
