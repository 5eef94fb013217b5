// Forms: an administrator builds one, the desk asks for it, the person fills it in, the desk reads it.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { toast } from './steps.ts';

test('a form is built, asked for, filled in and read', async ({ page, desk }) => {
  test.slow();
  const name = `Visit ${Date.now()}`;
  const mia = await desk.member();
  await as(page, 'admin@demo.test');
  await page.goto('/settings/forms');
  await axe(page);
  await page.getByLabel('Name').fill(name);
  await follow(page.getByRole('button', { name: 'Create form' }));
  await toast(page, 'Form created.');
  await page.getByLabel('Type').selectOption('Yes or no');
  await follow(page.getByRole('button', { name: 'Add to the end' }));
  expect(await follow(page.getByRole('button', { name: 'Save' }))).toBe(422);
  await axe(page);
  await page.getByLabel('Question').fill('Any allergies?');
  await page.getByLabel('Required').check();
  await follow(page.getByRole('button', { name: 'Save' }));
  await page.getByLabel('Type').selectOption('Long text');
  await follow(page.getByRole('button', { name: 'Add to the end' }));
  await page.getByLabel('Question').fill('Which?');
  await page.getByText('Conditions', { exact: true }).click();
  await page.getByLabel('Show only if').selectOption('“Any allergies?” is Yes');
  await follow(page.getByRole('button', { name: 'Save' }));
  await expect(page.getByText('only if “Any allergies?” is Yes')).toBeVisible();
  await follow(page.getByRole('button', { name: 'Delete Which?' }));
  await follow(page.getByRole('button', { name: 'Undo last change' }));
  await expect(page.getByText('only if “Any allergies?” is Yes')).toBeVisible();
  await axe(page);
  await follow(page.getByRole('button', { name: 'Publish' }));
  await toast(page, 'Published.');

  await as(page, 'staff@demo.test');
  await page.goto(mia.url);
  await follow(page.getByRole('region', { name: 'Forms and requests' }).getByRole('link', { name: 'New request' }));
  await page.getByLabel('Form', { exact: true }).selectOption(name);
  await axe(page);
  await follow(page.getByRole('button', { name: 'Send request' }));
  await toast(page, 'Requested.');
  await expect(page.getByRole('row').filter({ hasText: name })).toContainText('Open');

  await as(page, mia.email);
  await page.goto('/my/requests');
  await axe(page);
  await follow(page.getByRole('link', { name }).first());
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Send' }))).toBe(422);
  await expect(page.getByRole('alert')).toContainText('Answer “Any allergies?”.');
  await page.getByRole('radiogroup', { name: 'Any allergies?' }).getByLabel('Yes').check();
  await follow(page.getByRole('button', { name: 'Send' }));
  await expect(page.getByRole('status').filter({ hasText: 'a few more questions' })).toBeVisible();
  await page.getByLabel('Which?').fill('🦊 <b>bees</b>');
  await follow(page.getByRole('button', { name: 'Send' }));
  await toast(page, 'Sent. Thank you.');
  await expect(page.getByText('You sent this on')).toBeVisible();

  await as(page, 'staff@demo.test');
  await page.goto(`${mia.url}/forms`);
  await axe(page);
  await follow(page.getByRole('link', { name, exact: true }).first());
  await expect(page.getByRole('region', { name: 'Answers' })).toContainText('🦊 <b>bees</b>');
  await axe(page);
});
