// A practice of a spec's own: a server with a database that no other test touches. For what changes
// the whole practice, such as its word for a client.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PASSWORD, test as base } from './fixtures.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PROGRAM = process.env.KINDRED_PROGRAM ?? join(ROOT, 'target/debug/kindred');
const SITE = process.env.KINDRED_SITE ?? join(ROOT, 'target/site-test');

/** Log-ins of [`ADMIN`] and of the demo's people have the same password. */
export const ADMIN = 'nadia@example.com';

/** What the practice begins with: the demo's people; or no one but [`ADMIN`], in code-only mode from
 * the first day; or nothing at all, until the link is opened that the server prints. */
export type Beginning = 'demo' | 'code-only' | 'empty';

/** `test` for a practice that begins so. Each worker has one: tests that are to share it set the mode
 * `default`, or `serial` where one begins with what another has left. */
export function practice(beginning: Beginning) {
  return base.extend<{}, { server: Server; address: string; setUp: string }>({
    address: [({ server }, use) => use(server.address), { scope: 'worker' }],
    // Where the first administrator is made; empty where there is one.
    setUp: [({ server }, use) => use(server.setUp), { scope: 'worker' }],
    server: [
      async ({}, use) => {
        const folder = await mkdtemp(join(tmpdir(), 'kindred-practice-'));
        const server = await start(folder, beginning);
        await use(server);
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
      { scope: 'worker', timeout: 90_000 },
    ],
  });
}

interface Server {
  address: string;
  setUp: string;
  stop: () => Promise<void>;
}

async function start(folder: string, beginning: Beginning): Promise<Server> {
  // Without DATABASE_URL it starts a Postgres of its own in the folder, and stops it.
  const { DATABASE_URL, ...env } = process.env;
  const options = { cwd: ROOT, env: { ...env, KINDRED_DATA_DIR: folder, KINDRED_LOG: 'warn' } };
  if (beginning === 'code-only') {
    const person = ['--first-name', 'Nadia', '--last-name', 'Haddad', '--email', ADMIN];
    const { status, stderr } = spawnSync(PROGRAM, ['create-admin', ...person, '--code-only'], { ...options, input: PASSWORD });
    if (status !== 0) throw new Error(`create-admin: ${stderr}`);
  }
  const port = await freePort();
  const listen = `127.0.0.1:${port}`;
  const demo = beginning === 'demo' ? ['--demo'] : [];
  const server = spawn(PROGRAM, ['serve', ...demo, '--listen', listen, '--login-burst', '0', '--site-root', SITE], options);
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const setUp = await ready(server, beginning === 'empty' ? /\/setup\/[\w-]+/ : /Kindred is ready/);
  const stop = () => {
    server.kill('SIGTERM');
    return ended;
  };
  return { address: `http://localhost:${port}`, setUp: setUp.startsWith('/') ? setUp : '', stop };
}

/** Waits until it says this, and gives that back. */
function ready(server: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (words: Buffer) => {
      said += words.toString();
      const found = what.exec(said);
      // The rest of a line may still come.
      if (found !== null && said.endsWith('\n')) resolve(found[0]);
    };
    server.stdout!.on('data', listen);
    server.stderr!.on('data', listen);
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`the server did not start:\n${said}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
