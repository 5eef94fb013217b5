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

/** Groups of pages that one person opens; `null` is nobody. */
export const PAGES: [who: string, email: string | null, paths: (at: Addresses, desk: Desk) => Path[] | Promise<Path[]>][] = [
  [
    'nobody',
    null,
    () => [
      '/login',
      '/login?done=logged-out',
      '/reset',
      '/reset?sent=1',
      ['/reset/garbage', 410],
      ['/claim/garbage', 410],
      '/register',
      '/register?sent=1',
      ['/register/garbage', 410],
      ['/nowhere', 404],
    ],
  ],
  [
    'nobody, with a link',
    null,
    async (_, desk) => [await desk.invite(await desk.client()), await resetLink(desk), await registrationLink(desk)],
  ],
  [
    'staff, appointments',
    'staff@demo.test',
    ({ mia, service, appointment, number }) => [
      '/calendar',
      '/calendar?date=2030-01-01',
      appointment,
      '/appointments/new',
      '/appointments/new?client_q=okafor',
      `/appointments/new?client=${number(mia)}&service=${service}`,
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
    ({ service, priya }) => [...settings.slice(0, -1), `/settings/services/${service}`, `/settings/practitioners/${priya}`, `/settings/team/${priya}`],
  ],
  [
    'staff, settings to read',
    'staff@demo.test',
    async (_, desk) => ['/settings/vocabularies/gender', await fieldPage(desk), ['/settings/outbox', 403], ['/settings/fields/new', 403]],
  ],
  ['administrator, settings', 'admin@demo.test', () => settings],
  [
    'administrator, one of them',
    'admin@demo.test',
    async ({ service, priya }, desk) => [
      '/settings/services/new',
      '/settings/team/new',
      `/settings/team/${priya}`,
      '/account',
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
      '/my/appointments',
      '/my/details',
      '/my/availability',
      '/book',
      `/book?service=${service}`,
      ['/clients', 404],
      ['/nowhere', 404],
    ],
  ],
];

/** The settings that have a page of their own; the last for administrators alone. */
const settings = [
  '/settings',
  '/settings/practice',
  '/settings/locations',
  '/settings/fields',
  '/settings/providers',
  '/settings/tags',
  '/settings/vocabularies',
  '/settings/services',
  '/settings/practitioners',
  '/settings/team',
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
