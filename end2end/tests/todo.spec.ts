// The To do page of the front desk.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { toast } from './steps.ts';

test('what waits is listed with where it is done, and a line is ticked off and put back', async ({ page, desk }) => {
  const child = await desk.client({ email: false }, { birth_date: new Date(Date.now() - 3000 * 86_400_000).toISOString().slice(0, 10) });
  await as(page, 'staff@demo.test');
  await page.goto('/calendar');
  await follow(page.getByRole('link', { name: /^To do/ }));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('To do');
  await axe(page);
  const line = page.getByRole('listitem').filter({ hasText: child.name });
  await expect(line).toContainText('Born');
  await follow(line.getByRole('button', { name: 'Not needed' }));
  await toast(page, 'Ticked off.');
  await expect(line).toHaveCount(0);
  await follow(page.getByRole('button', { name: 'Undo' }));
  await expect(line).toHaveCount(1);
  await follow(line.getByRole('link', { name: 'Link an adult' }));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Add relationship');
  await expect(page.getByRole('main')).toContainText(child.name);
});
