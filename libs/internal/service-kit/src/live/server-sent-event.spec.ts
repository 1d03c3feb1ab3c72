import type { LiveRevocation, LiveStatus } from '@latchkey/contracts/live';
import { LiveRevocationSchema, LiveStatusSchema } from '@latchkey/contracts/live/schemas';
import { EventSourceParser, type ReceivedEvent } from '@latchkey/testing';
import fc from 'fast-check';
import { formatEvent, retryField } from './server-sent-event.js';

const count = fc.nat();
const counts = fc.dictionary(fc.string({ unit: 'grapheme' }), count);
const kinds = ['session', 'token', 'subject', 'client', 'key'] as const;
const staleness = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }));

const revocations: fc.Arbitrary<LiveRevocation> = fc.record({
  position: fc.integer({ min: 1 }),
  kind: fc.constantFrom(...kinds),
  atMilliseconds: count,
  delayMilliseconds: staleness,
  live: fc.boolean(),
  omitted: count,
});
const statuses: fc.Arbitrary<LiveStatus> = fc.record(
  {
    service: fc.string({ minLength: 1, unit: 'binary' }),
    instance: fc.stringMatching(/^[\da-f]{12}$/),
    atMilliseconds: count,
    uptimeSeconds: count,
    responses: fc.dictionary(fc.constantFrom('200', '401', '503'), count),
    natsConnected: fc.boolean(),
    keyIds: fc.array(fc.string({ unit: 'binary' })),
    verifier: fc.record({
      whenStale: fc.constantFrom('accept', 'refuse', 'ask'),
      loaded: fc.boolean(),
      stalenessMilliseconds: staleness,
      maxStalenessMilliseconds: count,
      fresh: fc.boolean(),
      appliedThrough: fc.integer({ min: -1 }),
      denied: fc.record({
        session: count,
        token: count,
        subject: count,
        client: count,
        key: count,
      }),
      tokens: fc.record({ accepted: count, rejected: counts, unavailable: counts }),
    }),
    issuer: fc.record({
      signingKeyId: fc.option(fc.string({ unit: 'binary' })),
      unpublished: count,
      watermarkAgeMilliseconds: staleness,
      verifiers: count,
    }),
  },
  { requiredKeys: ['service', 'instance', 'atMilliseconds', 'uptimeSeconds', 'responses'] },
);
const events = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('status' as const), data: statuses }),
    fc.record({
      type: fc.constant('revocation' as const),
      id: fc.string({ unit: fc.constantFrom(...'0123456789abcdef.'), minLength: 1 }),
      data: revocations,
    }),
  ),
);

/** Splits a text at these places. */
function* chunksOf(text: string, sizes: readonly number[]): Generator<string> {
  let start = 0;
  for (const size of sizes) {
    yield text.slice(start, start + size);
    start += size;
  }
  yield text.slice(start);
}

describe('an event of a stream', () => {
  it('is read as it was written, in chunks of any size', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat({ max: 200 })), (written, sizes) => {
        const parser = new EventSourceParser();
        const text = retryField(1_000) + written.map(formatEvent).join('');
        const read: ReceivedEvent[] = [];
        for (const chunk of chunksOf(text, sizes)) read.push(...parser.push(chunk));
        expect(parser.retryMilliseconds).toBe(1_000);
        expect(read.map(({ type, data }) => ({ type, data: parsed(type, data) }))).toEqual(
          written.map(({ type, data }) => ({ type, data: parsed(type, JSON.stringify(data)) })),
        );
        const lastIds = written.flatMap((event) => ('id' in event ? [event.id] : []));
        expect(read.at(-1)?.lastEventId ?? '').toBe(lastIds.at(-1) ?? '');
      }),
    );
  });

  /** What the writer sends must be what the contract says. */
  const parsed = (type: string, data: string): unknown =>
    (type === 'status' ? LiveStatusSchema : LiveRevocationSchema).parse(JSON.parse(data));
});
