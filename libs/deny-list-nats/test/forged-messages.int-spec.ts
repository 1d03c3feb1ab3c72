import { REVOCATION_EVENT_TYPE, REVOCATION_STREAM } from '@latchkey/contracts';
import {
  ensureNatsServer,
  ProcessGroup,
  ManagedProcess,
  freePort,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { makeIssuer, waitFor, type TestIssuer } from '@latchkey/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ObservedFeed } from './observed-feed.js';
import { Publisher } from './publisher.js';

/** Starts a server without permissions, so that only signatures protect the feed. */
async function startOpenNats(processes: ProcessGroup): Promise<string> {
  const directory = temporaryDirectory(processes);
  const { path } = await ensureNatsServer({ processes, stateDirectory: directory });
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const server = new ManagedProcess({
    processes,
    name: 'nats-server',
    command: path,
    args: ['-js', '-sd', join(directory, 'store'), '-a', '127.0.0.1', '-p', String(port)],
    env: {},
    logFile: join(directory, 'log'),
    isReady: () =>
      connect({ servers: url, reconnect: false }).then(
        (connection) => connection.close().then(() => true),
        () => false,
      ),
  });
  await server.start();
  return url;
}

describe('a feed on a server where an adversary may publish anything', () => {
  let processes: ProcessGroup;
  let servers: string;
  let issuer: TestIssuer;
  let publisher: Publisher;
  let adversary: NatsConnection;
  let observed: ObservedFeed;

  /** Publishes a message that looks as if the stream had republished it. */
  const forge = (subject: string, data: string | Uint8Array, sequence: number | string) => {
    const forged = headers();
    forged.set('Nats-Stream', REVOCATION_STREAM);
    forged.set('Nats-Subject', subject);
    forged.set('Nats-Sequence', String(sequence));
    const live = subject.replace('latchkey.revocations', 'latchkey.live');
    adversary.publish(live, data, { headers: forged });
  };
  const someSubject = () => `latchkey.revocations.session.${randomUUID()}`;
  const settled = () => waitFor(() => observed.feed.state.sequence === publisher.sequence);
  const honest = async (sessionId: string) => {
    await adversary.flush();
    await publisher.revoke(sessionId);
    await waitFor(() => observed.isDenied(sessionId));
    await settled();
  };

  beforeAll(async () => {
    processes = new ProcessGroup();
    servers = await startOpenNats(processes);
    issuer = await makeIssuer();
    adversary = await connect({ servers });
    publisher = new Publisher(await connect({ servers }), issuer);
  });
  afterAll(async () => {
    await publisher.connection.close();
    await adversary.close();
    await processes.close();
  });
  beforeEach(async () => {
    publisher = new Publisher(publisher.connection, issuer);
    await publisher.createStream();
    await publisher.watermark();
    observed = new ObservedFeed(issuer, { servers });
    await observed.feed.start();
    await settled();
  });
  afterEach(async () => {
    await observed.feed.close();
    await (await jetstreamManager(adversary)).streams.delete(REVOCATION_STREAM);
  });

  it('ignores messages without a valid stream sequence', async () => {
    const { subject, event } = await publisher.event('beside-the-stream');
    const live = subject.replace('latchkey.revocations', 'latchkey.live');
    adversary.publish(live, event);
    for (const sequence of ['', '0', '-1', '1.5', 'NaN', '1e400']) forge(subject, event, sequence);
    const other = headers();
    other.set('Nats-Stream', 'OTHER');
    other.set('Nats-Sequence', '1');
    adversary.publish(live, event, { headers: other });
    await honest('honest');
    expect(observed.isDenied('beside-the-stream')).toBe(false);
    expect(observed.refusals).toEqual(Array(8).fill('not_from_the_stream'));
  });

  it.each([
    ['garbage', 'x'],
    ['an oversized message', Buffer.alloc(9_000, 'a')],
    ['an empty message', ''],
  ])('applies the real next event after %s was forged in its place', async (_, data) => {
    forge(someSubject(), data, publisher.sequence + 1);
    await honest('honest');
    expect(observed.refusals.length).toBeGreaterThan(0);
  });

  it('applies the real next events after an old event was replayed in their place', async () => {
    const { subject, event } = await publisher.event('old');
    publisher.sequence = await publisher.put(subject, event);
    await settled();
    for (let ahead = 1; ahead <= 3; ahead++) forge(subject, event, publisher.sequence + ahead);
    await adversary.flush();
    for (const sessionId of ['next-1', 'next-2', 'next-3']) await publisher.revoke(sessionId);
    await waitFor(() => ['next-1', 'next-2', 'next-3'].every((id) => observed.isDenied(id)));
  });

  it('is not misled by a sequence far ahead', async () => {
    forge(someSubject(), 'x', Number.MAX_SAFE_INTEGER);
    forge(someSubject(), 'x', 1_000_000);
    await honest('honest');
    expect(observed.feed.state.sequence).toBe(publisher.sequence);
  });

  it('does not become fresher by a replayed watermark', async () => {
    await publisher.watermark();
    await settled();
    const stored = await new Promise<Uint8Array>((resolve) => {
      const live = adversary.subscribe('latchkey.live.watermark', {
        max: 1,
        callback: (_, message) => resolve(message.data),
      });
      void adversary.flush().then(() => publisher.watermark());
      void live.closed;
    });
    await settled();
    const { latest: applied } = observed.freshAt();
    forge('latchkey.revocations.watermark', stored, publisher.sequence + 1);
    await honest('honest');
    expect(observed.freshAt().earliest - applied).toBeLessThan(20);
  });

  it("denies nobody because of an event signed by another issuer in this one's name", async () => {
    const adversary = await makeIssuer({ issuer: issuer.issuer });
    const { subject, event } = await publisher.event('victim', adversary);
    publisher.sequence = await publisher.put(subject, event);
    forge(subject, event, publisher.sequence + 1);
    await honest('honest');
    expect(observed.isDenied('victim')).toBe(false);
  });

  it('denies nobody because of an access token in place of an event', async () => {
    const token = await issuer.makeToken({ sessionId: 'victim' });
    publisher.sequence = await publisher.put(someSubject(), token);
    await honest('honest');
    expect(observed.refusals).toContain('invalid_claims');
  });

  it('applies live messages that are repeated and out of order', async () => {
    await publisher.updateStream({ republish: false });
    const sent: { subject: string; event: string; sequence: number }[] = [];
    for (const sessionId of ['a', 'b', 'c', 'd']) {
      const signed = await publisher.event(sessionId);
      publisher.sequence = await publisher.put(signed.subject, signed.event);
      sent.push({ ...signed, sequence: publisher.sequence });
    }
    for (const index of [2, 0, 0, 1, 3, 2, 3])
      forge(sent[index]!.subject, sent[index]!.event, sent[index]!.sequence);
    await waitFor(() => ['a', 'b', 'c', 'd'].every((id) => observed.isDenied(id)));
    await settled();
  });

  it('keeps its place in the stream while signed events without content are repeated', async () => {
    const nothing = await issuer.sign({ typ: REVOCATION_EVENT_TYPE }, {});
    for (let index = 0; index < 20; index++) forge(someSubject(), nothing, publisher.sequence + 1);
    await honest('honest');
    expect(observed.feed.state.sequence).toBe(publisher.sequence);
  });
});
