import {
  LIVE_SUBJECTS,
  REVOCATION_EVENT_TYPE,
  REVOCATION_STREAM,
  REVOCATION_SUBJECTS,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type Revocation,
} from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import {
  makeIssuer,
  startTestNats,
  waitFor,
  type TestIssuer,
  type TestNats,
} from '@latchkey/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { createRevocationFeed, type FeedEvent, type RevocationFeed } from './index.js';

const now = () => Math.floor(Date.now() / 1000);

/** The auth service's side of the stream. */
class Publisher {
  epoch = randomUUID();
  position = 0;
  constructor(
    readonly connection: NatsConnection,
    readonly issuer: TestIssuer,
  ) {}

  async createStream() {
    const manager = await jetstreamManager(this.connection, { checkAPI: false, timeout: 500 });
    await manager.streams.add({
      name: REVOCATION_STREAM,
      subjects: [REVOCATION_SUBJECTS],
      max_msgs_per_subject: 1,
      allow_direct: true,
      republish: { src: REVOCATION_SUBJECTS, dest: LIVE_SUBJECTS },
      metadata: { 'latchkey-epoch': this.epoch },
    });
  }

  async put(subject: string, data: string | Uint8Array): Promise<number> {
    const { seq } = await jetstream(this.connection).publish(subject, data, { timeout: 500 });
    return seq;
  }

  async revoke(sessionId: string, signer = this.issuer): Promise<Revocation> {
    const revocation: Revocation = {
      kind: 'session',
      id: randomUUID(),
      issuer: this.issuer.issuer,
      revokedAt: now(),
      expiresAt: now() + 300,
      trigger: 'logout',
      sessionId,
    };
    const event = await signer.sign(
      { typ: REVOCATION_EVENT_TYPE },
      revocationToEventClaims(revocation),
    );
    this.position = await this.put(revocationSubject(revocation), event);
    return revocation;
  }

  async watermark(more: { position?: number; epoch?: string } = {}) {
    const { issuer } = this.issuer;
    const watermark = {
      issuer,
      timeMilliseconds: Date.now(),
      position: this.position,
      epoch: this.epoch,
    };
    const claims = watermarkToEventClaims({ ...watermark, ...more }, randomUUID());
    await this.put(
      WATERMARK_SUBJECT,
      await this.issuer.sign({ typ: REVOCATION_EVENT_TYPE }, claims),
    );
  }
}

describe('RevocationFeed', () => {
  let nats: TestNats;
  let issuer: TestIssuer;
  let publisher: Publisher;
  let denyList: DenyList;
  let feed: RevocationFeed;
  let events: FeedEvent[];
  let keysKnown: boolean;
  const unpublished = new Set<string>();

  const verifyEvent = (jws: string): Promise<unknown> => {
    if (!keysKnown) {
      const error = Object.assign(new Error('no keys'), { name: 'VerifierUnavailableError' });
      return Promise.reject(error);
    }
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const jwk = issuer.jwks().keys.find((key) => key.kid === kid);
    if (!jwk || unpublished.has(kid))
      return Promise.reject(Object.assign(new Error('unknown'), { code: 'unknown_key' }));
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const good = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      key,
      Buffer.from(signature, 'base64url'),
    );
    if (!good) return Promise.reject(Object.assign(new Error('bad'), { code: 'bad_signature' }));
    return Promise.resolve(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  };
  const token = (sessionId: string) => ({
    issuer: issuer.issuer,
    subject: 'ada',
    clientId: 'web',
    tokenId: 't',
    keyId: 'k',
    issuedAt: now(),
    sessionId,
  });
  const isDenied = (sessionId: string) => denyList.isRevoked(token(sessionId));
  const newFeed = () => {
    const { servers, user, pass } = nats.credentials('orders');
    return createRevocationFeed({
      servers,
      user,
      password: pass,
      denyList,
      verifyEvent,
      onEvent: (event) => events.push(event),
    });
  };
  const connectPublisher = async () => {
    publisher = new Publisher(
      await connect({ ...nats.credentials('auth'), reconnectTimeWait: 100 }),
      issuer,
    );
    await publisher.createStream();
  };

  beforeEach(async () => {
    [nats, issuer] = await Promise.all([startTestNats(), makeIssuer()]);
    denyList = new DenyList();
    events = [];
    keysKnown = true;
    feed = newFeed();
  });
  afterEach(async () => {
    await feed.close();
    await publisher.connection.close();
    await nats.close();
  });

  it('replays the stream before the list counts as loaded', async () => {
    await connectPublisher();
    for (let index = 0; index < 50; index++) await publisher.revoke(`s${index}`);
    await publisher.watermark();
    expect(denyList.loaded).toBe(false);
    await feed.start();
    expect(denyList.loaded).toBe(true);
    expect(isDenied('s0') && isDenied('s49')).toBe(true);
    expect(isDenied('other')).toBe(false);
    expect(denyList.stalenessSeconds(issuer.issuer)).toBeLessThan(60);
  });

  it('does not take a stream without a watermark for a complete one', async () => {
    await connectPublisher();
    await publisher.revoke('s1');
    const started = feed.start();
    await waitFor(() => isDenied('s1'));
    expect(denyList.loaded).toBe(false);
    await publisher.watermark();
    await started;
    expect(denyList.loaded).toBe(true);
  });

  it('applies live events', async () => {
    await connectPublisher();
    await publisher.watermark();
    await feed.start();
    await publisher.revoke('live');
    await waitFor(() => isDenied('live'));
  });

  it('waits for NATS, and for a stream that is not there yet', async () => {
    await nats.stop();
    const started = feed.start();
    await nats.restart();
    await connectPublisher();
    await publisher.watermark();
    await started;
    expect(denyList.loaded).toBe(true);
  });

  it('catches up after NATS was killed and came back', async () => {
    await connectPublisher();
    await publisher.watermark();
    await feed.start();
    await nats.kill();
    await waitFor(() => !feed.state.connected);
    await nats.restart();
    await waitFor(() =>
      publisher.revoke('afterwards').then(
        () => true,
        () => false,
      ),
    );
    await waitFor(() => isDenied('afterwards'));
  });

  it('reads a recreated stream from its start and forgets nothing', async () => {
    await connectPublisher();
    for (let index = 0; index < 5; index++) await publisher.revoke(`old${index}`);
    await publisher.watermark();
    await feed.start();
    await nats.loseStore();
    publisher.epoch = randomUUID();
    await waitFor(() =>
      publisher.createStream().then(
        () => true,
        () => false,
      ),
    );
    await publisher.revoke('new');
    await publisher.watermark();
    await waitFor(() => isDenied('new'), { timeoutMs: 15_000 });
    expect(isDenied('old0')).toBe(true);
    expect(feed.state.epoch).toBe(publisher.epoch);
  });

  it('repairs a gap by reading what is missing', async () => {
    await connectPublisher();
    await publisher.watermark();
    await feed.start();
    // Only the auth service's user may publish there at all: the worst it could do is to skip ahead.
    const before = feed.state.position;
    await publisher.revoke('a');
    await publisher.revoke('b');
    await waitFor(() => isDenied('a') && isDenied('b'));
    expect(feed.state.position).toBe(before + 2);
  });

  it('drops what the issuer did not sign, and goes on', async () => {
    await connectPublisher();
    await publisher.watermark();
    await feed.start();
    const stranger = await makeIssuer({ issuer: issuer.issuer });
    await publisher.put(`latchkey.revocations.session.${randomUUID()}`, 'not a token');
    await publisher.put(`latchkey.revocations.session.${randomUUID()}`, Buffer.alloc(9_000, 'a'));
    const forged = await stranger.sign(
      { typ: REVOCATION_EVENT_TYPE, kid: issuer.keys[0]!.kid },
      { sub_id: {} },
    );
    await publisher.put(`latchkey.revocations.session.${randomUUID()}`, forged);
    await publisher.revoke('honest');
    await waitFor(() => isDenied('honest'));
    expect(feed.state.eventsRefused).toBe(3);
    const reasons = events.flatMap((event) => (event.type === 'refused' ? [event.reason] : []));
    expect(reasons).toContain('too_large');
    expect(reasons).toContain('bad_signature');
  });

  it('drops a good event under the subject of another', async () => {
    await connectPublisher();
    await publisher.watermark();
    await feed.start();
    const claims = revocationToEventClaims({
      kind: 'session',
      id: randomUUID(),
      issuer: issuer.issuer,
      revokedAt: now(),
      expiresAt: now() + 300,
      trigger: 'logout',
      sessionId: 'misplaced',
    });
    const event = await issuer.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    await publisher.put(`latchkey.revocations.session.${randomUUID()}`, event);
    await publisher.revoke('honest');
    await waitFor(() => isDenied('honest'));
    expect(isDenied('misplaced')).toBe(false);
    expect(events).toContainEqual(expect.objectContaining({ reason: 'wrong_subject' }));
  });

  it('loses nothing while no event can be verified', async () => {
    await connectPublisher();
    keysKnown = false;
    await publisher.revoke('early');
    await publisher.watermark();
    const started = feed.start();
    await waitFor(() => events.some(({ type }) => type === 'trouble'));
    expect(denyList.loaded).toBe(false);
    keysKnown = true;
    await started;
    expect(isDenied('early')).toBe(true);
  });

  it('tries an event again that was signed with a key not known yet, and is stale meanwhile', async () => {
    await connectPublisher();
    await publisher.watermark();
    await feed.start();
    const key = await issuer.addKey();
    unpublished.add(key.kid);
    await publisher.revoke('by-new-key');
    await waitFor(() => feed.state.position === publisher.position);
    expect(isDenied('by-new-key')).toBe(false);
    unpublished.clear();
    await waitFor(() => isDenied('by-new-key'));
  });

  it('does not believe a watermark of another epoch or of positions it has not seen', async () => {
    await connectPublisher();
    await publisher.watermark({ epoch: randomUUID() });
    await publisher.watermark({ position: 1_000 });
    const started = feed.start();
    await waitFor(() => feed.state.position >= 2);
    expect(denyList.stalenessSeconds(issuer.issuer)).toBe(Infinity);
    expect(denyList.loaded).toBe(false);
    await publisher.watermark();
    await started;
  });

  it('ignores what was never on the stream', async () => {
    await connectPublisher();
    await publisher.watermark();
    await feed.start();
    const stranger = await connect(nats.credentials('payments'));
    const forged = headers();
    forged.set('Nats-Stream', REVOCATION_STREAM);
    forged.set('Nats-Sequence', '999');
    stranger.publish(`latchkey.live.${WATERMARK_SUBJECT}`, 'x', { headers: forged });
    await stranger.flush();
    await publisher.revoke('honest');
    await waitFor(() => isDenied('honest'));
    expect(feed.state.position).toBe(publisher.position);
    await stranger.close();
  });
});
