import { DenyList } from '@latchkey/deny-list';
import { randomUUID } from 'node:crypto';
import { ISSUER } from './bench-issuer.js';
import type { Measure } from './group.js';
import { revokeSomeSession } from './latchkey.js';
import { figure, isMet, type Figure } from './statistics.js';

const START_SECONDS = 1_800_000_000;
const LIFETIME_SECONDS = 300;
const LOOK_UPS = 100_000;
/** All that has expired is gone within this many watermarks. */
const WATERMARKS = 64;
const MOST_BYTES = 40;

/** What a deny-list of many revocations costs: memory, look-ups, and the longest pause. */
export const measureDenyListMemory: Measure = async (extent, progress) => {
  const count = extent.revocations;
  const figures: Figure[] = [];
  progress(`${count} session ids in a Set and a Map`);
  figures.push(bytesEach('Set of strings', count, () => new Set(ids(count))));
  figures.push(bytesEach('Map of strings', count, () => new Map(withExpiry(count))));
  let seconds = START_SECONDS;
  const now = () => seconds * 1000;
  const denyList = new DenyList({ now, monotonicNow: now });
  progress(`${count} revocations in the deny-list`);
  const applying: number[] = [];
  const ours = bytesEach('latchkey DenyList', count, () => {
    for (let index = 0; index < count; index++) {
      applying.push(microseconds(() => revokeSomeSession(denyList, START_SECONDS + LIFETIME_SECONDS)));
    }
    return denyList;
  });
  figures.push(ours, lookUps(denyList));
  seconds += 2 * LIFETIME_SECONDS;
  progress('expiring all of them');
  const expiring = Array.from({ length: WATERMARKS }, (_, step) =>
    microseconds(() => denyList.applyWatermark(watermark(now() + step))),
  );
  if (denyList.size > 0) throw new Error('expired revocations were not dropped');
  figures.push(
    figure('longest apply(), collector included', 'µs', [Math.max(...applying.slice(1_000))]),
    figure('longest step of expiry, collector included', 'µs', [Math.max(...expiring)]),
  );
  const target = { atMost: MOST_BYTES };
  return Promise.resolve({
    figures,
    comparisons: [
      {
        of: ours.name,
        to: `${MOST_BYTES} MB for a million, as bytes each`,
        ratio: ours.median,
        target,
        met: isMet(ours.median, target),
      },
    ],
    notes: [`${count.toLocaleString('en')} sessions, ids are UUIDs of 36 characters`],
  });
};

/** Heap and buffers that stay after a collection, by the number of entries. */
function bytesEach(name: string, count: number, build: () => object): Figure {
  const collect = globalThis.gc;
  if (!collect) throw new Error('run with --expose-gc');
  collect();
  const before = used();
  const held = build();
  collect();
  const bytes = (used() - before) / count;
  // Read after the measurement, so that it is still held during it.
  return figure(Object.keys(held).length >= 0 ? name : '', 'bytes each', [bytes]);
}

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function* ids(count: number): Iterable<string> {
  for (let index = 0; index < count; index++) yield randomUUID();
}

function* withExpiry(count: number): Iterable<[string, number]> {
  for (const id of ids(count)) yield [id, START_SECONDS];
}

/** Of sessions that are not revoked, as nearly all are. */
function lookUps(denyList: DenyList): Figure {
  const tokens = Array.from({ length: LOOK_UPS }, () =>
    denyList.prepare({
      issuer: ISSUER,
      subject: 'ada',
      sessionId: randomUUID(),
      issuedAt: START_SECONDS,
      keyId: 'k',
    }),
  );
  const samples = Array.from({ length: 5 }, () => {
    const taken = microseconds(() => {
      for (const token of tokens) if (token.isRevoked()) throw new Error('a false refusal');
    });
    return (taken * 1_000) / LOOK_UPS;
  });
  // The first one hashes the names.
  return figure('look-up of a token seen before', 'ns', samples.slice(1));
}

function microseconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) * 1_000;
}

const watermark = (timeMilliseconds: number) => ({
  issuer: ISSUER,
  timeMilliseconds,
  position: 1,
  epoch: randomUUID(),
});
