import {
  REVOCATION_EVENT_TYPE,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type Revocation,
  type RevocationEventClaims,
} from '@latchkey/contracts';
import {
  makeIssuer,
  startTestNats,
  waitFor,
  type TestIssuer,
  type TestNats,
} from '@latchkey/testing';
import { connect } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { ObservedFeed } from './observed-feed.js';
import { Publisher } from './publisher.js';

/** Members that a newer release may add, except where it says who is revoked. */
const ADDED = { added: { by: 'a newer release' } };

describe('a feed of a newer auth service', () => {
  let nats: TestNats;
  let issuer: TestIssuer;
  let publisher: Publisher;
  let observed: ObservedFeed;

  beforeEach(async () => {
    [nats, issuer] = await Promise.all([startTestNats(), makeIssuer()]);
    publisher = new Publisher(await connect(nats.credentials('auth')), issuer);
    const { servers, user, pass } = nats.credentials('orders');
    observed = new ObservedFeed(issuer, { servers, user, password: pass });
    await publisher.createStream();
    await publisher.watermark();
    await observed.feed.start();
  });
  afterEach(async () => {
    await observed.feed.close();
    await publisher.connection.close();
    await nats.close();
  });

  const put = async (subject: string, claims: object) => {
    const event = await issuer.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    publisher.sequence = await publisher.put(subject, event);
  };
  const grown = ({ events, ...claims }: RevocationEventClaims) => ({
    ...claims,
    ...ADDED,
    events: Object.fromEntries(
      Object.entries(events).map(([type, event]) => [type, { ...event, ...ADDED }]),
    ),
  });
  const session = (sessionId: string): Revocation => {
    const now = Math.floor(Date.now() / 1000);
    return {
      kind: 'session',
      id: randomUUID(),
      issuer: issuer.issuer,
      revokedAt: now,
      expiresAt: now + 300,
      trigger: 'logout',
      sessionId,
    };
  };
  const watermark = () => ({
    issuer: issuer.issuer,
    timeMilliseconds: Date.now(),
    issuedAt: Math.floor(Date.now() / 1000),
    serials: { from: 1, through: publisher.serial },
    revokedKeys: [],
    sequence: publisher.sequence,
    epoch: publisher.epoch,
  });
  const appliedThrough = () => observed.denyList.appliedThrough(issuer.issuer);

  it('applies revocations and watermarks with unknown members', async () => {
    const revocation = session('s1');
    const serial = ++publisher.serial;
    const event = grown(revocationToEventClaims(revocation, serial));
    await put(revocationSubject(revocation, serial), event);
    await put(WATERMARK_SUBJECT, grown(watermarkToEventClaims(watermark(), randomUUID())));
    await waitFor(() => appliedThrough() === serial);
    expect(observed.isDenied('s1')).toBe(true);
    expect(observed.refusals).toEqual([]);
  });

  it('is incomplete, and applies the rest, while a revocation of an unknown kind is live', async () => {
    const like = session('any');
    const serial = ++publisher.serial;
    const claims = revocationToEventClaims(like, serial);
    const [event] = Object.values(claims.events);
    await put(`latchkey.revocations.tenant.${like.id}.${serial}`, {
      ...claims,
      sub_id: { format: 'opaque', id: 'acme' },
      events: { 'urn:latchkey:event-type:tenant-revoked': event },
    });
    await publisher.revoke('s2');
    await publisher.watermark();
    await waitFor(() => observed.heard('incomplete'));
    expect(observed.events).toContainEqual({ type: 'incomplete', missing: 1 });
    expect(new Set(observed.refusals)).toEqual(new Set(['invalid_claims']));
    expect(observed.isDenied('s2')).toBe(true);
    // A further read of the stream starts to count anew, and arrives at the same number.
    await waitFor(() => appliedThrough() === serial - 1);

    // It has expired, and with it every token that it matched.
    await publisher.watermark({ serials: { from: serial + 1, through: publisher.serial } });
    await waitFor(() => appliedThrough() === publisher.serial);
  });

  it('does not become fresher by a watermark of a later version', async () => {
    // The refused watermark replaces the last good one, so an event has to confirm the numbers.
    await publisher.revoke('before');
    await publisher.watermark();
    await waitFor(() => appliedThrough() === publisher.serial);
    const before = appliedThrough();
    publisher.serial += 1;
    const claims = watermarkToEventClaims(watermark(), randomUUID());
    await put(WATERMARK_SUBJECT, { ...claims, version: 2 });
    await waitFor(() => observed.refusals.includes('invalid_claims'));
    expect(appliedThrough()).toBe(before);
  });
});
