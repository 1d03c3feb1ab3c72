import { makeIssuer, startTestNats, type TestNats } from '@latchkey/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Publisher } from '../test/publisher.js';
import { RevocationStreamReader } from './revocation-stream-reader.js';

const subjectOf = (index: number) => `latchkey.revocations.session.${index}`;

describe('RevocationStreamReader', () => {
  let nats: TestNats;
  let publisher: Publisher;
  let verifier: NatsConnection;
  let reader: RevocationStreamReader;
  /** The stream by sequence. A message replaces the earlier one of its subject, which leaves a hole. */
  let held: Map<number, string>;

  beforeEach(async () => {
    nats = await startTestNats();
    publisher = new Publisher(await connect(nats.credentials('auth')), await makeIssuer());
    await publisher.createStream();
    verifier = await connect(nats.credentials('orders'));
    reader = await RevocationStreamReader.open(verifier, '_INBOX_orders');
    held = new Map();
  });
  afterEach(async () => {
    await verifier.close();
    await publisher.connection.close();
    await nats.close();
  });

  /** In batches, because the server syncs each message to disk. */
  const put = async (indices: readonly number[]) => {
    for (let begin = 0; begin < indices.length; begin += 100) {
      const stored = await Promise.all(indices.slice(begin, begin + 100).map(putOne));
      for (const [sequence, subject] of stored.sort(([a], [b]) => a - b)) {
        for (const [older, replaced] of held) if (replaced === subject) held.delete(older);
        held.set(sequence, subject);
      }
    }
  };
  const putOne = async (index: number): Promise<[number, string]> => [
    await publisher.put(subjectOf(index), 'x'),
    subjectOf(index),
  ];
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index);
  const read = async (from: number) => {
    const found: [number, string][] = [];
    for await (const { sequence, subject } of reader.from(from, await reader.state()))
      found.push([sequence, subject]);
    return found;
  };
  const expected = (from: number) =>
    [...held].filter(([sequence]) => sequence >= from).sort(([a], [b]) => a - b);

  it('reads in order from any sequence, across replaced messages', async () => {
    await put(range(0, 300));
    // A hole that is longer than one range.
    for (let round = 0; round < 10; round++) await put(range(200, 500));
    for (let round = 0; round < 300; round++) await put([round % 7]);
    await put(range(500, 520));
    const { lastSequence } = await reader.state();
    for (const from of [1, 2, 150, 301, 2_048, 2_049, lastSequence - 1, lastSequence])
      expect(await read(from)).toEqual(expected(from));
    expect(await read(lastSequence + 1)).toEqual([]);
  });

  it('finds nothing on an empty stream', async () => {
    expect(await read(1)).toEqual([]);
  });

  it('stops at the end that the stream had at the start, although it grows', async () => {
    await put(range(0, 10));
    const state = await reader.state();
    await put(range(10, 20));
    let last = 0;
    for await (const { sequence } of reader.from(1, state)) last = sequence;
    expect(last).toBe(state.lastSequence);
  });

  it.each([
    ['the reader is interrupted', () => reader.interrupt()],
    ['the connection is closed', () => void verifier.close()],
    ['the server dies', () => void nats.kill()],
  ])('fails when %s', async (_, happens) => {
    await put(range(0, 2_200));
    const state = await reader.state();
    let count = 0;
    const reading = (async () => {
      for await (const message of reader.from(1, state)) {
        expect(message.data.length).toBe(1);
        if (++count === 1) happens();
      }
    })();
    await expect(reading).rejects.toThrow();
    expect(count).toBeLessThan(held.size);
  });
});

describe('RevocationStreamReader without permission to read', () => {
  it('names the permission that is missing', async () => {
    const change = (shipped: string) =>
      shipped.replace(/(READ_STREAM: \[[^\]]*?)"\$JS\.API\.DIRECT\.GET\.REVOCATIONS"/, '$1');
    const nats = await startTestNats({ change });
    const publisher = new Publisher(await connect(nats.credentials('auth')), await makeIssuer());
    await publisher.createStream();
    await publisher.put(subjectOf(1), 'x');
    const verifier = await connect(nats.credentials('orders'));
    const reader = await RevocationStreamReader.open(verifier, '_INBOX_orders');
    const reading = reader.from(1, await reader.state()).next();
    await expect(reading).rejects.toThrow(
      'check that this user may publish to $JS.API.DIRECT.GET.REVOCATIONS',
    );
    await verifier.close();
    await publisher.connection.close();
    await nats.close();
  });
});
