// Every page there is, by who opens it; and how the addresses are found that have an id in them.
import { expect } from '@playwright/test';
import { word, type Desk } from './desk.ts';

/** Addresses in the demo practice. */
export async function addresses(desk: Desk) {
  const client = async (name: string) => desk.find(`/clients?q=${encodeURIComponent(name)}`, new RegExp(`href="(/clients/\\d+)"[^>]*>${name}<`));
  const [ana, mia, sam] = [await client('Ana Okafor'), await client('Mia Okafor'), await client('Sam Whitfield')];
  const service = await desk.serviceId('Counselling session');
  return {
    ana,
    mia,
    sam,
    service,
    group: await client('Tuesday skills group'),
    appointment: await desk.find(mia, /\/appointments\/[\w]+-[\w-]+/),
    priya: await desk.practitionerId('Dr. Priya Raman'),
    number: (path: string) => path.split('/').pop()!,
  };
}

type Addresses = Awaited<ReturnType<typeof addresses>>;

/** A page, and how it is answered if not with 200. */
export type Path = string | [path: string, status: number];

/** Groups of pages that one person opens; `null` is logged out. */
export const PAGES: [who: string, email: string | null, paths: (at: Addresses, desk: Desk) => Path[] | Promise<Path[]>][] = [
  [
    'logged out',
    null,
    () => [
      '/login',
      '/login?done=logged-out',
      '/login/again',
      '/reset',
      '/reset?sent=1',
      ['/reset/garbage', 410],
      ['/confirm-email/garbage', 410],
      ['/not-me/garbage', 410],
      ['/claim/garbage', 410],
      ['/offers/garbage', 410],
      ['/m/garbage', 410],
      ['/unsubscribe/garbage', 410],
      ['/setup/garbage', 410],
      ['/visit/garbage', 410],
      '/login/code',
      ['/form-links/garbage', 410],
      '/form-links/sent',
      '/register',
      '/register?sent=1',
      ['/register/garbage', 410],
      ['/nowhere', 404],
    ],
  ],
  [
    'logged out, with a link',
    null,
    async (_, desk) => [
      await desk.invite(await desk.client()),
      await resetLink(desk),
      await registrationLink(desk),
      ...(await replyLinks(desk)),
    ],
  ],
  [
    'staff, appointments',
    'staff@demo.test',
    ({ mia, service, appointment, number }) => [
      '/calendar',
      '/calendar?date=2030-01-01',
      ...['list', 'list&merged=1', 'week', 'month', 'agenda', 'print&blank=3'].map((view) => `/calendar?view=${view}`),
      '/calendar?view=week&density=compact&colour=service&cancelled=1',
      appointment,
      `${appointment}/move`,
      '/appointments/new',
      '/appointments/new?client_q=okafor',
      `/appointments/new?client=${number(mia)}&service=${service}`,
      `/appointments/series/new?client=${number(mia)}&service=${service}`,
      '/todo',
      '/appointments/requests',
      '/appointments/find',
      `/appointments/find?client=${number(mia)}&service=${service}&morning=1`,
      `${mia}/pairing?service=${service}`,
      '/waiting-list',
      '/calendar/calls',
      '/waiting-list/new',
      `/waiting-list/new?client=${number(mia)}&service=${service}`,
    ],
  ],
  [
    'staff, clients',
    'staff@demo.test',
    ({ mia, sam }) => [
      '/clients',
      '/clients?q=nobodyhasthisname',
      '/clients/new',
      '/clients/new?kind=family',
      mia,
      sam,
      `${mia}/edit`,
      `${mia}/availability`,
      `${mia}/delete`,
      `${mia}/forms`,
      `${mia}/documents/new`,
      `${mia}/documents/new?attach=1`,
      '/requests',
      `/requests/new?people=${mia.split('/').pop()}`,
    ],
  ],
  [
    'staff, links',
    'staff@demo.test',
    ({ ana, mia, sam, number }) => [
      `${mia}/links/new`,
      `${mia}/links/new?other_q=sam`,
      `${mia}/links/new/${number(sam)}`,
      `${mia}/links/${number(ana)}`,
      `${mia}/links/${number(ana)}/remove`,
      `${mia}/safe-contact`,
    ],
  ],
  [
    'staff, groups',
    'staff@demo.test',
    async ({ ana, group, sam, number }, desk) => [
      group,
      `${group}/edit`,
      `${group}/members/new`,
      await desk.find(group, /\/clients\/\d+\/members\/[\w-]{36}/),
      '/clients/groups/new',
      `/clients/groups/new?clients=${number(ana)},${number(sam)}`,
    ],
  ],
  [
    'staff, many clients',
    'staff@demo.test',
    async (_, desk) => ['/clients/prospects', '/clients/duplicates', '/clients/import', ...(await bulks(desk)), '/clients/code-sheet'],
  ],
  [
    'staff, merging',
    'staff@demo.test',
    async ({ ana, sam, number }, desk) => [
      `/clients/merge?keep=${number(ana)}`,
      `/clients/merge?keep=${number(ana)}&drop_q=whitfield`,
      `/clients/merge?keep=${number(ana)}&drop=${number(sam)}`,
      `${ana}/merges`,
      `${await merged(desk)}/merges`,
    ],
  ],
  [
    'staff, settings',
    'staff@demo.test',
    ({ service, priya }) => [...settings, `/settings/services/${service}`, `/settings/practitioners/${priya}`, `/settings/team/${priya}`, `/settings/team/${priya}/handover`],
  ],
  [
    'staff, settings to read',
    'staff@demo.test',
    async (_, desk) => ['/settings/vocabularies/gender', await fieldPage(desk), ['/settings/outbox', 403], ['/settings/fields/new', 403]],
  ],
  ['administrator, settings', 'admin@demo.test', () => [...settings, ...administrators]],
  [
    'administrator, one of them',
    'admin@demo.test',
    async ({ service, priya }, desk) => [
      '/settings/services/new',
      '/settings/team/new',
      '/settings/waiting-list',
      '/settings/linked-clients',
      '/settings/first-run',
      `/settings/team/${priya}`,
      '/account',
      '/account/confirm',
      '/account/security',
      '/account/authenticator',
      '/account/passkey',
      '/account/recovery-codes',
      '/settings/security',
      `/settings/services/${service}`,
      `/settings/practitioners/${priya}`,
      '/settings/vocabularies/gender',
      await desk.find('/settings/vocabularies/age_range', /\/settings\/vocabularies\/age_range\?edit=[\w-]+/),
      '/settings/fields/new',
      await fieldPage(desk),
      await desk.find('/settings/locations', /\/settings\/locations\?edit=[\w-]+/),
      await desk.find('/settings/providers', /\/settings\/providers\?edit=[\w-]+/),
    ],
  ],
  [
    'administrator, mail, activities and reports',
    'admin@demo.test',
    async ({ mia, number }, desk) => {
      await desk.invite(await desk.client());
      return [
        '/settings/outbox',
        '/settings/reminders',
        '/settings/visits',
        '/account/feeds',
        '/staffing',
        '/settings/outbox?state=failed',
        await desk.find('/settings/outbox', /\/settings\/outbox\/[\w-]+/),
        '/activities',
        '/activities?whose=all',
        '/activities/new',
        `/activities/new?client=${number(mia)}`,
        await desk.find('/activities?whose=all', /\/activities\/[\w-]{36}/),
        '/reports?whose=all',
      ];
    },
  ],
  [
    'practitioner',
    'practitioner@demo.test',
    ({ mia, appointment }) => [
      '/calendar',
      '/clients/mine',
      '/clients/new',
      '/clients/prospects',
      mia,
      `${mia}/edit`,
      `${mia}/availability`,
      appointment,
      '/activities',
      '/reports',
      ['/settings', 403],
    ],
  ],
  [
    'client',
    'parent@demo.test',
    ({ service }) => [
      '/my',
      '/my/appointments',
      '/my/details',
      '/my/details/edit',
      '/my/people',
      '/my/requests',
      '/my/documents',
      ['/invitations/garbage', 410],
      '/account',
      '/account/security',
      '/my/availability',
      '/my/history',
      '/my/practitioners',
      '/book',
      `/book?service=${service}`,
      `/book/waiting-list?service=${service}`,
      ['/clients', 404],
      ['/nowhere', 404],
    ],
  ],
];

/** The settings that have a page of their own. */
const settings = [
  '/settings',
  '/settings/practice',
  '/settings/sections',
  '/settings/about',
  '/settings/rooms',
  '/settings/time-off',
  '/settings/locations',
  '/settings/fields',
  '/settings/forms',
  '/settings/requests',
  '/settings/providers',
  '/settings/tags',
  '/settings/permissions',
  '/settings/vocabularies',
  '/settings/services',
  '/settings/practitioners',
  '/settings/team',
];

/** Those for administrators alone. */
const administrators = [
  '/settings/messages',
  '/settings/text-messages',
  '/settings/messages/confirmed/email/en',
  '/settings/messages/reminder/sms/fr',
  '/settings/welcome',
];

/** The page of the first information field. */
const fieldPage = (desk: Desk) => desk.find('/settings/fields', /\/settings\/fields\/[\w-]{36}/);

async function resetLink(desk: Desk): Promise<string> {
  const client = await desk.member();
  await desk.send('/fn/accounts/request_reset', { username: client.email });
  return desk.mailed(client.email, /\/reset\/[\w-]+/);
}

async function registrationLink(desk: Desk): Promise<string> {
  const [first, last] = [word(), word()];
  const email = `${first}.${last}@example.com`.toLowerCase();
  await desk.send('/fn/accounts/register', { first_name: first, last_name: last, email });
  return desk.mailed(email, /\/register\/[\w-]+/);
}

/** The pages of the link in a mail about an appointment. */
async function replyLinks(desk: Desk): Promise<string[]> {
  const client = await desk.client();
  await desk.book(client);
  const link = await desk.mailed(client.email, /\/m\/[\w-]{43}/);
  return [link, `${link}/move`];
}

/** A change of two clients that is done, and one that is still to be confirmed. */
async function bulks(desk: Desk): Promise<string[]> {
  const clients = [await desk.client(), await desk.client()];
  const numbers = clients.map((client) => client.number).join(',');
  const start = async (form: Record<string, string>) => {
    const to = await desk.send('/fn/bulk/start', { ...form, 'numbers[]': numbers, request_key: crypto.randomUUID() });
    return to.split('?')[0]!;
  };
  const done = await start({ action: 'status', status: 'inactive' });
  const draft = await start({ action: 'delete' });
  await expect(() => desk.find(done, /2 done\./)).toPass();
  return [done, draft];
}

/** A record into which another was merged. */
async function merged(desk: Desk): Promise<string> {
  const [keep, drop] = [await desk.client(), await desk.client()];
  await desk.send('/fn/merge/merge', { keep_version: '1', drop_version: '1' }, { keep: keep.number, drop: drop.number });
  return keep.url;
}
