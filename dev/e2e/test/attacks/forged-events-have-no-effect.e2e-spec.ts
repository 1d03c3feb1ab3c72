import {
  REVOCATION_EVENT_TYPE,
  revocationSubject,
  revocationToEventClaims,
  WATERMARK_SUBJECT,
  type Revocation,
} from '@latchkey/contracts';
import {
  decodeUnverified,
  type LatchkeyStack,
  VERIFYING_REPLICAS,
  waitFor,
} from '@latchkey/local-stack';
import { makeIssuer, type TestIssuer, TestUser } from '@latchkey/testing';
import { headers } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  ACCEPTED_EVERYWHERE,
  REFUSED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { metricOf } from '../../src/metrics.js';
import { NatsInsider, type StoredEvent } from './nats-insider-fixture.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const REFUSED = 'latchkey_feed_events_total{type="refused"}';
const SESSION_SUBJECT = /\.session\./;

/** A serial that could be the next. */
const SERIAL = Date.now();

/** A client that can write to NATS can neither deny nor re-admit a token. */
describe('an event that the auth service did not sign', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let insider: NatsInsider;
  let adversary: TestIssuer;
  let ada: TestUser;
  /** A valid token. */
  let alive: string;
  /** A revoked token, and the event that revoked it. */
  let ended: { token: string; stored: StoredEvent };

  beforeAll(async () => {
    running = await startStack();
    stack = running.stack;
    insider = await NatsInsider.begin(stack);
    adversary = await makeIssuer({ issuer: stack.issuer });
    ada = await TestUser.register(stack.issuer, 'ada');
    alive = (await ada.logIn()).access_token;
    ended = await logInAndOut();
  });
  afterAll(async () => {
    await insider.close();
    await running.close();
  });

  async function logInAndOut(): Promise<{ token: string; stored: StoredEvent }> {
    const { access_token: token } = await ada.logIn();
    const before = insider.heard.length;
    // 202 while auth, which one of these tests restarts, is not connected to NATS yet.
    expect([202, 204]).toContain((await ada.logOut(token)).status);
    await refusedEverywhere(stack, token);
    return { token, stored: await insider.eventAfter(before, SESSION_SUBJECT) };
  }

  const refusals = () =>
    Promise.all(VERIFYING_REPLICAS.map((name) => metricOf(stack.replicas[name], REFUSED)));

  async function refusedByEachSince(before: readonly number[]): Promise<void> {
    await waitFor(
      async () => (await refusals()).every((count, index) => count > (before[index] ?? 0)),
      { what: 'a count of the refused event' },
    );
  }

  async function expectNoEffect(): Promise<void> {
    expect(await statusesEverywhere(stack, alive)).toEqual(ACCEPTED_EVERYWHERE);
    expect(await statusesEverywhere(stack, ended.token)).toEqual(REFUSED_EVERYWHERE);
  }

  const linesOfLog = (name: (typeof VERIFYING_REPLICAS)[number]) =>
    readFileSync(stack.replicas[name].logFile, 'utf8').trimEnd().split('\n');

  /** A revocation that would end the session of {@link alive} if auth had signed it. */
  function revocationOfVictim(): Revocation {
    const now = Math.floor(Date.now() / 1000);
    const when = { revokedAt: now, expiresAt: now + 600, trigger: 'logout' };
    const { sid: sessionId } = decodeUnverified(alive).claims;
    return { kind: 'session', id: randomUUID(), issuer: stack.issuer, sessionId, ...when };
  }

  function signedByAdversary(revocation: Revocation, kid: string): Promise<string> {
    const claims = revocationToEventClaims(revocation, SERIAL);
    return adversary.sign({ typ: REVOCATION_EVENT_TYPE, kid }, claims);
  }

  const someSubject = () => `latchkey.revocations.session.${randomUUID()}`;

  type Forgery = () => StoredEvent | Promise<StoredEvent>;

  const FORGERIES: readonly [string, Forgery][] = [
    ['nonsense', () => ({ subject: someSubject(), event: 'x' })],
    ['an empty message', () => ({ subject: someSubject(), event: '' })],
    ['more than 8 KiB', () => ({ subject: someSubject(), event: 'a'.repeat(9_000) })],
    [
      'a genuine event followed by 8 KiB',
      () => ({ ...ended.stored, event: ended.stored.event + 'A'.repeat(8_192) }),
    ],
    [
      'an event of an adversary under the name and key id of the issuer',
      async () => {
        const revocation = revocationOfVictim();
        const event = await signedByAdversary(revocation, decodeUnverified(alive).header.kid);
        return { subject: revocationSubject(revocation, SERIAL), event };
      },
    ],
    [
      'an event without a signature',
      () => {
        const revocation = revocationOfVictim();
        const header = { alg: 'none', typ: REVOCATION_EVENT_TYPE };
        const claims = revocationToEventClaims(revocation, SERIAL);
        const encoded = [header, claims].map((part) =>
          Buffer.from(JSON.stringify(part)).toString('base64url'),
        );
        return { subject: revocationSubject(revocation, SERIAL), event: `${encoded.join('.')}.` };
      },
    ],
    [
      'a revocation of the signing key',
      async () => {
        const { id, issuer, revokedAt, expiresAt, trigger } = revocationOfVictim();
        const keyId = decodeUnverified(alive).header.kid;
        const common = { id, issuer, revokedAt, expiresAt, trigger };
        const revocation: Revocation = { ...common, kind: 'key', keyId };
        return {
          subject: revocationSubject(revocation, SERIAL),
          event: await signedByAdversary(revocation, keyId),
        };
      },
    ],
    [
      'the signature of a genuine event under other claims',
      () => {
        const revocation = revocationOfVictim();
        const [header, , signature] = ended.stored.event.split('.');
        const claims = JSON.stringify(revocationToEventClaims(revocation, SERIAL));
        const payload = Buffer.from(claims).toString('base64url');
        const event = `${header ?? ''}.${payload}.${signature ?? ''}`;
        return { subject: revocationSubject(revocation, SERIAL), event };
      },
    ],
    ['an access token of the victim', () => ({ subject: someSubject(), event: alive })],
    [
      'a genuine event under another subject',
      () => ({ subject: someSubject(), event: ended.stored.event }),
    ],
    [
      'a genuine event in place of the watermark',
      () => ({ subject: WATERMARK_SUBJECT, event: ended.stored.event }),
    ],
  ];

  it.each(FORGERIES)('has no effect, and each verifier counts it: %s', async (_, forge) => {
    const before = await refusals();
    const { subject, event } = await forge();
    expect(await insider.store(subject, event)).toHaveProperty('seq');
    await refusedByEachSince(before);
    await expectNoEffect();
    const named = (line: string) => line.includes('refused') && line.includes(subject);
    // The count may come from an older event that was read again, so check the log as well.
    for (const name of VERIFYING_REPLICAS)
      await waitFor(() => linesOfLog(name).some(named), { what: `a line in the log of ${name}` });
  });

  it('has no effect if it is signed for another issuer', async () => {
    const otherIssuer = await makeIssuer({ issuer: 'https://elsewhere.test' });
    const revocation = { ...revocationOfVictim(), issuer: otherIssuer.issuer };
    const claims = revocationToEventClaims(revocation, SERIAL);
    const event = await otherIssuer.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    await insider.store(revocationSubject(revocation, SERIAL), event);
    await logInAndOut();
    await expectNoEffect();
  });

  it('is not stored if it is larger than the maximum payload', async () => {
    const said = await insider.storeTooMuch(someSubject(), 70_000);
    expect(said).toContain('Maximum Payload Violation');
    await expectNoEffect();
  });

  it('cannot roll up the stream into one message', async () => {
    const rollUp = headers();
    rollUp.set('Nats-Rollup', 'all');
    const before = await insider.stored(ended.stored.subject);
    expect(await insider.store(someSubject(), 'x', rollUp)).toHaveProperty('error');
    expect(await insider.stored(ended.stored.subject)).toBe(before);
  });

  it('has no effect if it is a replayed genuine event', async () => {
    await insider.store(ended.stored.subject, ended.stored.event);
    await logInAndOut();
    await expectNoEffect();
  });

  it('does not re-admit a token at a verifier that starts after it replaced an event', async () => {
    const before = await refusals();
    await insider.store(ended.stored.subject, 'x');
    await refusedByEachSince(before);
    await stack.replicas['orders-1'].restart();
    await expectNoEffect();
  });

  it('does not make a verifier fresh if it is an old watermark', async () => {
    const { event } = await insider.eventAfter(0, /watermark/);
    await stack.replicas.auth.kill();
    await waitFor(
      async () => {
        await insider.store(WATERMARK_SUBJECT, event);
        const ages = await Promise.all(
          VERIFYING_REPLICAS.map((name) =>
            metricOf(stack.replicas[name], 'latchkey_staleness_seconds'),
          ),
        );
        return ages.every((seconds) => seconds > 3);
      },
      { what: 'staleness' },
    );
    await stack.replicas.auth.start();
    await logInAndOut();
  });

  it('does not put tokens in the log', () => {
    for (const name of VERIFYING_REPLICAS)
      expect(linesOfLog(name).join('\n')).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
  });
});
