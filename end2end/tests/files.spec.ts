// Files: a report that is attached and shared, and a file that the desk asks for. With and without JavaScript.
import { as, axe, expect, follow, test } from '../fixtures.ts';
import { toast } from './steps.ts';

const pdf = (words: string) => ({
  // Kept by no one.
  name: 'Mia Okafor, assessment.pdf',
  mimeType: 'application/pdf',
  buffer: Buffer.from(`%PDF-1.7\n${words}`),
});

test('a report is attached, shared and downloaded by the client', async ({ page, desk }) => {
  test.slow();
  const mia = await desk.member();
  await as(page, 'staff@demo.test');
  await page.goto(mia.url);
  await follow(page.getByRole('region', { name: 'Documents and reports' }).getByRole('link', { name: 'New document' }));
  await follow(page.getByRole('link', { name: 'Attach a file instead' }));
  await axe(page);
  await page.getByLabel('Title').fill('Assessment');
  await page.getByLabel('File').setInputFiles({ ...pdf(''), buffer: Buffer.from('<html>') });
  expect(await follow(page.getByRole('button', { name: 'Save draft' }))).toBe(422);
  await expect(page.getByRole('alert')).toContainText('Choose a PDF, PNG or JPEG file.');
  await expect(page.getByLabel('Title')).toHaveValue('Assessment');
  await axe(page);
  await page.getByLabel('File').setInputFiles(pdf('first'));
  await follow(page.getByRole('button', { name: 'Save draft' }));
  await toast(page, 'Saved as a draft.');
  await axe(page);
  await follow(page.getByRole('button', { name: 'Share' }));
  await toast(page, 'Shared.');
  const document = page.url().split('?')[0]!;

  await as(page, mia.email);
  await page.goto('/my/documents');
  await follow(page.getByRole('link', { name: 'Assessment' }));
  await axe(page);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download Assessment' }).click();
  expect((await downloading).suggestedFilename()).toMatch(/^file-\d{4}-\d\d-\d\d-[0-9a-f]{8}\.pdf$/);

  await as(page, 'staff@demo.test');
  await page.goto(document);
  await expect(page.getByText('First opened')).toBeVisible();
  await follow(page.getByRole('link', { name: 'Edit' }));
  await axe(page);
  await page.getByLabel('File').setInputFiles(pdf('second'));
  await follow(page.getByRole('button', { name: 'Save' }));
  await expect(page.getByText('Version 1,')).toBeVisible();
});

test('the desk asks for a file, the client sends two, the desk sees them', async ({ page, desk }) => {
  test.slow();
  const mia = await desk.member();
  await as(page, 'staff@demo.test');
  await page.goto(`/requests/new?people=${mia.url.split('/').pop()}`);
  await page.getByLabel('Type').selectOption('Send a file');
  await page.getByLabel('Title').fill('Insurance card');
  await page.getByLabel('Text').fill('Both sides, please.');
  await follow(page.getByRole('button', { name: 'Send request' }));
  await toast(page, 'Requested.');

  await as(page, mia.email);
  await page.goto('/my/requests');
  await follow(page.getByRole('link', { name: 'Insurance card' }).first());
  await expect(page.getByText('Both sides, please.')).toBeVisible();
  await axe(page);
  expect(await follow(page.getByRole('button', { name: 'Send' }))).toBe(422);
  await expect(page.getByRole('alert')).toContainText('Choose at least one file.');
  await page.getByLabel('Files').setInputFiles([pdf('front'), pdf('back')]);
  await follow(page.getByRole('button', { name: 'Send' }));
  await toast(page, 'Sent. Thank you.');

  await as(page, 'staff@demo.test');
  await page.goto(`${mia.url}/forms`);
  await follow(page.getByRole('row').filter({ hasText: 'Insurance card' }).getByRole('link', { name: 'Files' }));
  await axe(page);
  await expect(page.getByRole('region', { name: 'Files' }).getByRole('link')).toHaveCount(2);
});
