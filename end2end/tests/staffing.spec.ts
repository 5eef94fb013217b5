// Clients available against practitioners working, week by week.
import { as, axe, expect, follow, test } from '../fixtures.ts';

test('a week of staffing counts a client who can come', async ({ page, desk }) => {
  const client = await desk.client({ email: false });
  await as(page, 'staff@demo.test');
  await page.goto(`${client.url}/availability`);
  // Sundays at night: no practitioner works then.
  await page.getByLabel('Sunday, from').fill('22:00');
  await page.getByLabel('Sunday, to').fill('23:00');
  await follow(page.getByRole('button', { name: 'Save availability' }));
  await page.goto('/staffing');
  const row = page.getByRole('row', { name: /^10:00 pm / });
  await expect(row.getByRole('cell').last()).toContainText('available, 0 of 0 practitioners free');
  await axe(page);
  const before = await page.getByText(/^\d+ \w+ – \d+ \w+ \d{4}$/).innerText();
  await follow(page.getByRole('link', { name: 'Next week' }));
  await expect(page.getByText(before)).toHaveCount(0);
  await follow(page.getByRole('link', { name: 'This week' }));
  await expect(page.getByText(before)).toBeVisible();
});
