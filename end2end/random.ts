// Random numbers of the tests. A test gets the same ones again with the seed that its run printed:
// KINDRED_SEED=123456 scripts/test tests/booking.spec.ts
import { test } from '@playwright/test';

/** Set by playwright.config.ts for all workers. */
const seed = process.env.KINDRED_SEED ?? '';

const streams = new Map<string, () => number>();

/** At least 0, below 1. Each test has a stream of its own, named by its title. */
export function random(): number {
  const name = `${seed} ${who()}`;
  let stream = streams.get(name);
  if (stream === undefined) {
    stream = mulberry32(hash(name));
    streams.set(name, stream);
  }
  return stream();
}

/** A whole number from `low` up to, but not, `high`. */
export function between(low: number, high: number): number {
  return low + Math.floor(random() * (high - low));
}

export function oneOf<T>(items: ArrayLike<T>): T {
  return items[between(0, items.length)]!;
}

/** The test that runs, in its project; what a worker does before its first test has one name. */
function who(): string {
  try {
    const { titlePath, project, repeatEachIndex, retry } = test.info();
    return [project.name, ...titlePath, repeatEachIndex, retry].join(' › ');
  } catch {
    return `worker ${process.env.TEST_WORKER_INDEX ?? ''}`;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const letter of text) sum = Math.imul(sum ^ letter.codePointAt(0)!, 0x01000193);
  return sum >>> 0;
}

function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
