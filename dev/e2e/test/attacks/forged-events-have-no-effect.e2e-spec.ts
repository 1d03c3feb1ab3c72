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
  statusesEverywhere,
} from '../../src/everywhere.js';
import { metricOf } from '../../src/metrics.js';
import { NatsInsider, type StoredEvent } from './nats-insider-fixture.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const REFUSED = 'latchkey_feed_events_total{type="refused"}';
const SESSION_SUBJECT = /\.session\./;

/** One that could be the next. */
const SERIAL = Date.now();

/** DESIGN §4: who can write to NATS can neither deny nor un-deny anyone. */
describe('what was not signed by the auth service', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let insider: NatsInsider;
  let stranger: TestIssuer;
  let ada: TestUser;
  /** A token that is to go on working. */
  let alive: string;
  /** One that is not, and the event that says so. */
  let ended: { token: string; stored: StoredEvent };

  beforeAll(async () => {
    running = await startStack();
    stack = running.stack;
    insider = await NatsInsider.begin(stack);
    stranger = await makeIssuer({ issuer: stack.issuer });
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
    expect((await ada.logOut(token)).status).toBe(204);
    await refusedEverywhere(token);
    return { token, stored: await insider.eventAfter(before, SESSION_SUBJECT) };
  }

  function refusedEverywhere(token: string): Promise<true> {
    return waitFor(
      async () => (await statusesEverywhere(stack, token)).join() === REFUSED_EVERYWHERE.join(),
      { what: 'a refusal by every service' },
    );
  }

  const refusals = () =>
    Promise.all(VERIFYING_REPLICAS.map((name) => metricOf(stack.replicas[name], REFUSED)));

  async function refusedByEachSince(before: readonly number[]): Promise<void> {
    await waitFor(
      async () => (await refusals()).every((count, index) => count > (before[index] ?? 0)),
      { what: 'a count of what was refused' },
    );
  }

  async function nobodyIsDeniedOrUndenied(): Promise<void> {
    expect(await statusesEverywhere(stack, alive)).toEqual(ACCEPTED_EVERYWHERE);
    expect(await statusesEverywhere(stack, ended.token)).toEqual(REFUSED_EVERYWHERE);
  }

  const linesOfLog = (name: (typeof VERIFYING_REPLICAS)[number]) =>
    readFileSync(stack.replicas[name].logFile, 'utf8').trimEnd().split('\n');

  const claimOf = (token: string, name: string) => {
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    return String((JSON.parse(claims) as Record<string, unknown>)[name]);
  };

  /** What would end the session of {@link alive}, were it signed. */
  function ofVictim(): Revocation {
    const now = Math.floor(Date.now() / 1000);
    const when = { revokedAt: now, expiresAt: now + 600, trigger: 'logout' };
    const sessionId = claimOf(alive, 'sid');
    return { kind: 'session', id: randomUUID(), issuer: stack.issuer, sessionId, ...when };
  }

  function signedByStranger(revocation: Revocation, kid: string): Promise<string> {
    const claims = revocationToEventClaims(revocation, SERIAL);
    return stranger.sign({ typ: REVOCATION_EVENT_TYPE, kid }, claims);
  }

  const someSubject = () => `latchkey.revocations.session.${randomUUID()}`;

  type Forgery = () => StoredEvent | Promise<StoredEvent>;

  const FORGERIES: readonly [string, Forgery][] = [
    ['nonsense', () => ({ subject: someSubject(), event: 'x' })],
    ['nothing', () => ({ subject: someSubject(), event: '' })],
    ['more than 8 KiB', () => ({ subject: someSubject(), event: 'a'.repeat(9_000) })],
    [
      'a real event with 8 KiB after it',
      () => ({ ...ended.stored, event: ended.stored.event + 'A'.repeat(8_192) }),
    ],
    [
      'an event of a stranger under the name and key of the issuer',
      async () => {
        const revocation = ofVictim();
        const event = await signedByStranger(revocation, decodeUnverified(alive).header.kid);
        return { subject: revocationSubject(revocation, SERIAL), event };
      },
    ],
    [
      'an event without a signature',
      () => {
        const revocation = ofVictim();
        const header = { alg: 'none', typ: REVOCATION_EVENT_TYPE };
        const claims = revocationToEventClaims(revocation, SERIAL);
        const encoded = [header, claims].map((part) =>
          Buffer.from(JSON.stringify(part)).toString('base64url'),
        );
        return { subject: revocationSubject(revocation, SERIAL), event: `${encoded.join('.')}.` };
      },
    ],
    [
      'the revocation of the signing key itself',
      async () => {
        const { id, issuer, revokedAt, expiresAt, trigger } = ofVictim();
        const keyId = decodeUnverified(alive).header.kid;
        const common = { id, issuer, revokedAt, expiresAt, trigger };
        const revocation: Revocation = { ...common, kind: 'key', keyId };
        return {
          subject: revocationSubject(revocation, SERIAL),
          event: await signedByStranger(revocation, keyId),
        };
      },
    ],
    [
      'the signature of a real event under other claims',
      () => {
        const revocation = ofVictim();
        const [header, , signature] = ended.stored.event.split('.');
        const claims = JSON.stringify(revocationToEventClaims(revocation, SERIAL));
        const payload = Buffer.from(claims).toString('base64url');
        const event = `${header ?? ''}.${payload}.${signature ?? ''}`;
        return { subject: revocationSubject(revocation, SERIAL), event };
      },
    ],
    ['an access token of the victim', () => ({ subject: someSubject(), event: alive })],
    [
      'a real event in the place of another',
      () => ({ subject: someSubject(), event: ended.stored.event }),
    ],
    [
      'a real event in the place of the watermark',
      () => ({ subject: WATERMARK_SUBJECT, event: ended.stored.event }),
    ],
  ];

  it.each(FORGERIES)('has no effect and is counted by each verifier: %s', async (_, forge) => {
    const before = await refusals();
    const { subject, event } = await forge();
    expect(await insider.store(subject, event)).toHaveProperty('seq');
    await refusedByEachSince(before);
    await nobodyIsDeniedOrUndenied();
    const named = (line: string) => line.includes('refused') && line.includes(subject);
    // What is counted may be an older one, read again.
    for (const name of VERIFYING_REPLICAS)
      await waitFor(() => linesOfLog(name).some(named), { what: `a line in the log of ${name}` });
  });

  it('has no effect when it is signed for another issuer', async () => {
    const foreigner = await makeIssuer({ issuer: 'https://elsewhere.test' });
    const revocation = { ...ofVictim(), issuer: foreigner.issuer };
    const claims = revocationToEventClaims(revocation, SERIAL);
    const event = await foreigner.sign({ typ: REVOCATION_EVENT_TYPE }, claims);
    await insider.store(revocationSubject(revocation, SERIAL), event);
    await logInAndOut();
    await nobodyIsDeniedOrUndenied();
  });

  it('is not even stored when it is larger than any message', async () => {
    const said = await insider.storeTooMuch(someSubject(), 70_000);
    expect(said).toContain('Maximum Payload Violation');
    await nobodyIsDeniedOrUndenied();
  });

  it('cannot roll everything up into one message', async () => {
    const rollUp = headers();
    rollUp.set('Nats-Rollup', 'all');
    const before = await insider.stored(ended.stored.subject);
    expect(await insider.store(someSubject(), 'x', rollUp)).toHaveProperty('error');
    expect(await insider.stored(ended.stored.subject)).toBe(before);
  });

  it('changes nothing when it is a real event once more', async () => {
    await insider.store(ended.stored.subject, ended.stored.event);
    await logInAndOut();
    await nobodyIsDeniedOrUndenied();
  });

  it('does not un-deny anybody at a verifier that starts after it took an event’s place', async () => {
    const before = await refusals();
    await insider.store(ended.stored.subject, 'x');
    await refusedByEachSince(before);
    await stack.replicas['orders-1'].restart();
    await nobodyIsDeniedOrUndenied();
  });

  it('never makes a verifier fresh, if it is a watermark of long ago', async () => {
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
      { timeoutMs: 10_000, what: 'staleness' },
    );
    await stack.replicas.auth.start();
    await logInAndOut();
  });

  it('leaves no token in the log', () => {
    for (const name of VERIFYING_REPLICAS)
      expect(linesOfLog(name).join('\n')).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
  });
});
