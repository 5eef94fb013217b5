// The main journey: a parent books for a child the front desk has linked
// to them, and is separated again.
import { axe, expect, follow, login, PASSWORD, test, word } from '../fixtures.ts';
import { bookOnline, card, chooseTime, fillClient, mailedLink, openForm, openMail, openProfile, pick, row, section, person, toast } from './steps.ts';

test('a parent is linked to a child, books for them, and is unlinked', async ({ page: staff, open }) => {
  test.setTimeout(180_000);
  const family = word();
  const parent = person(word(), family);
  const child = { ...person(word(), family), email: '' };

  await test.step('staff creates both', async () => {
    await login(staff, 'staff@demo.test');
    for (const client of [parent, child]) {
      await staff.goto('/clients');
      const form = await openForm(staff.getByRole('link', { name: 'New client' }));
      await fillClient(form, client);
      await axe(staff);
      expect(await follow(form.getByRole('button', { name: 'Create client' }))).toBe(200);
      await toast(staff, 'Client created.');
      await expect(staff.getByRole('heading', { level: 1 })).toContainText(client.name);
    }
  });

  await test.step('staff links them, from the child’s profile', async () => {
    await follow(staff.getByRole('link', { name: 'Add relationship' }));
    await axe(staff);
    await pick(staff, `Who is related to ${child.name}?`, parent);
    await staff.getByLabel(`${parent.name} is ${child.name}’s`).selectOption({ label: 'Parent' });
    await staff.getByLabel(`${child.name} is ${parent.name}’s`).selectOption({ label: 'Child' });
    const side = section(staff, `What ${parent.name} may do for ${child.name}`);
    await side.getByLabel('Book and manage appointments').check();
    await side.getByLabel('Receive copies of appointment emails').check();
    await axe(staff);
    expect(await follow(staff.getByRole('button', { name: 'Save relationship' }))).toBe(200);
    await toast(staff, 'Relationship added.');
    const linked = section(staff, parent.name);
    await expect(linked).toContainText(`${parent.name} is ${child.name}’s parent; ${child.name} is ${parent.name}’s child.`);
    await expect(linked).toContainText('has no portal account yet');
    await axe(staff);
  });

  await test.step('staff sends the claim link', async () => {
    await openProfile(staff, parent.name);
    await follow(staff.getByRole('button', { name: 'Send welcome email' }));
    await toast(staff, 'The invitation is waiting in the outbox');
    await expect(section(staff, /^Portal$/)).toContainText('Invited. The link expires');
  });

  const admin = await open('admin@demo.test');
  const link = await test.step('the administrator hands it over', async () => {
    await openMail(admin, parent.email, /Welcome/);
    await axe(admin);
    await expect(admin.getByRole('main')).toContainText(parent.first);
    return mailedLink(admin, /\/claim\//);
  });

  const portal = await open();
  await test.step('the parent claims the account', async () => {
    await portal.goto(link);
    await expect(portal.getByRole('heading', { level: 1 })).toHaveText(`Welcome, ${parent.first}`);
    await axe(portal);
    await portal.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await portal.getByLabel('Confirm password').fill(PASSWORD);
    await follow(portal.getByRole('button', { name: 'Save and log in' }));
    await expect(portal).toHaveURL(/\/my(\?|$)/);
    await expect(portal.getByText('You have no upcoming appointments.')).toBeVisible();
    await axe(portal);
  });

  const booked = await test.step('the parent books for the child', async () => {
    await follow(portal.getByRole('main').getByRole('link', { name: 'Book an appointment' }));
    await axe(portal);
    const [form] = await chooseTime(portal, 'Family session');
    await expect(form.getByRole('heading', { name: 'Who is this appointment for?' })).toBeVisible();
    await expect(form.getByRole('radio')).toHaveCount(2);
    await expect(form.getByRole('radio', { checked: true })).toHaveCount(1);
    await axe(portal);
    const booked = await bookOnline(portal, 'Family session', child.name);
    await toast(portal, `Booked: Family session for ${child.name}, `);
    return booked;
  });

  const mine = card(portal, booked.start);
  const cancel = await test.step('the parent sees it, marked', async () => {
    await expect(portal.getByRole('heading', { level: 1 })).toHaveText(`${child.name} is booked`);
    await axe(portal);
    await portal.goto('/my/appointments');
    await expect(mine).toContainText(`For ${child.name}`);
    await axe(portal);
    const cancel = (await mine.getByRole('link', { name: 'Cancel' }).getAttribute('href'))!;
    expect((await portal.goto(cancel))?.status()).toBe(200);
    await expect(portal.getByRole('main')).toContainText(child.name);
    await axe(portal);
    return cancel;
  });

  const onProfile = section(staff, 'Appointments').getByRole('row', { name: 'Family session' });
  await test.step('staff sees it, on the day and on the profile', async () => {
    await staff.goto(`/calendar?view=list&date=${booked.date}`);
    const listed = row(staff, booked.start).filter({ hasText: child.name });
    await expect(listed).toContainText(`booked by ${parent.name}`);
    await axe(staff);
    await follow(listed.getByRole('link', { name: child.name, exact: true }));
    await expect(onProfile).toContainText('Confirmed');
    await expect(onProfile).toContainText(`by ${parent.name}`);
    await axe(staff);
  });

  await test.step('the parent has a copy of the confirmation', async () => {
    await openMail(admin, parent.email, new RegExp(`Appointment confirmed for ${child.first}`));
    await expect(admin.getByRole('main')).toContainText(`This is a copy for you, because you get copies of ${child.first}'s`);
  });

  await test.step('staff removes the link and keeps the appointment', async () => {
    await follow(section(staff, parent.name).getByRole('link', { name: 'Remove' }));
    const choice = staff.getByRole('main').getByRole('combobox', { name: /^What happens to it/ });
    await expect(choice).toHaveCount(1);
    await expect(choice).toHaveValue(/^keep:/);
    await expect(staff.getByRole('main')).toContainText(`${parent.name} can no longer book and manage appointments for ${child.name}.`);
    await axe(staff);
    expect(await follow(staff.getByRole('button', { name: 'Remove relationship' }))).toBe(200);
    await toast(staff, 'Relationship removed.');
    await expect(staff.getByText('No relationships yet')).toBeVisible();
    await expect(onProfile).toContainText('Confirmed');
    await expect(onProfile).not.toContainText(parent.name);
  });

  await test.step('the parent does not see it any more', async () => {
    await portal.goto('/my/appointments');
    await expect(portal.getByText('Nothing booked')).toBeVisible();
    await expect(portal.getByRole('main')).not.toContainText(child.first);
    expect((await portal.goto(cancel))?.status()).toBe(404);
    await expect(portal.getByRole('heading', { name: 'You no longer have access' })).toBeVisible();
    await axe(portal);
    await chooseTime(portal, 'Family session');
    await expect(portal.getByRole('radio')).toHaveCount(0);
  });
});
