import { answerQuestions } from '@latchkey/load-generator';
import {
  createStore,
  EXPIRY_SECONDS,
  type RevocationStore,
  type StoreName,
} from './revocation-stores.js';
import { sessionId } from './session-ids.js';

export interface MemoryQuestion {
  readonly store: StoreName;
  readonly entries: number;
  readonly lookUps: number;
}

/** The units are in the names. */
export interface MemoryAnswer {
  readonly heldBytes: number;
  readonly residentBytes: number;
  readonly hitNanoseconds: number;
  readonly missNanoseconds: number;
  readonly longestAddMicroseconds: number;
  readonly longestExpiryMicroseconds?: number;
}

/** Ids are generated in batches, outside of the timed code. */
const BATCH = 1_000;
/** Expiry must finish within twice the time. */
const MOST_STEPS = 2 * EXPIRY_SECONDS;

answerQuestions<MemoryQuestion>((question) => measure(question));

function measure({ store: name, entries, lookUps }: MemoryQuestion): MemoryAnswer {
  warmUp(name);
  const store = createStore(name);
  const before = memoryNow();
  const longestAddMicroseconds = fill(store, entries);
  const after = memoryNow();
  if (store.size !== entries) throw new Error(`${store.size} of ${entries} entries are there`);
  const hits = Array.from({ length: lookUps }, () => sessionId(randomBelow(entries)));
  const misses = Array.from({ length: lookUps }, () => sessionId(entries + randomBelow(entries)));
  const hitNanoseconds = nanosecondsEach(store, hits, true);
  const missNanoseconds = nanosecondsEach(store, misses, false);
  const longestExpiryMicroseconds = expireAll(store);
  return {
    heldBytes: after.held - before.held,
    residentBytes: after.resident - before.resident,
    hitNanoseconds,
    missNanoseconds,
    longestAddMicroseconds,
    ...(longestExpiryMicroseconds !== undefined && { longestExpiryMicroseconds }),
  };
}

/** Warms up on another instance, so that JIT compilation is not measured. */
function warmUp(name: StoreName): void {
  const store = createStore(name);
  fill(store, 50_000);
  for (let index = 0; index < 100_000; index++) store.isRevoked(sessionId(index));
  expireAll(store);
}

function fill(store: RevocationStore, entries: number): number {
  let longest = 0;
  for (let first = 0; first < entries; first += BATCH) {
    const count = Math.min(BATCH, entries - first);
    const ids = Array.from({ length: count }, (_, offset) => sessionId(first + offset));
    ids.forEach((id, offset) => {
      const taken = microseconds(() => store.add(id, first + offset));
      if (taken > longest) longest = taken;
    });
  }
  return longest;
}

/** Uses each id once, because strings cache their hash after the first look-up. */
function nanosecondsEach(
  store: RevocationStore,
  ids: readonly string[],
  expected: boolean,
): number {
  const taken = microseconds(() => {
    for (const id of ids) if (store.isRevoked(id) !== expected) throw new Error(`wrong for ${id}`);
  });
  return (taken * 1000) / ids.length;
}

function expireAll(store: RevocationStore): number | undefined {
  const { expireStep } = store;
  if (!expireStep) return undefined;
  let longest = 0;
  for (let step = 0; store.size > 0 && step < MOST_STEPS; step++)
    longest = Math.max(longest, microseconds(expireStep));
  if (store.size > 0) throw new Error(`${store.size} expired entries were not dropped`);
  return longest;
}

function memoryNow(): { held: number; resident: number } {
  const collect = globalThis.gc;
  if (!collect) throw new Error('needs --expose-gc');
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage(); // External memory includes array buffers.
  return { held: heapUsed + external, resident: rss };
}

function microseconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) * 1000;
}

const randomBelow = (limit: number) => Math.floor(Math.random() * limit);
