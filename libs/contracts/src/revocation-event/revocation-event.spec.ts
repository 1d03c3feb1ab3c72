import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import {
  eventClaimsToMessage,
  REVOCATION_EVENT_AUDIENCE,
  REVOCATION_TRIGGERS,
  revocationSubject,
  revocationToEventClaims,
  SESSION_REVOKED_EVENT,
  SIGNING_KEY_REVOKED_EVENT,
  storedSubject,
  TOKEN_REVOKED_EVENT,
  WATERMARK_EVENT,
  WATERMARK_SUBJECT,
  watermarkToEventClaims,
  type Revocation,
} from '../index.js';
import { ada, claims, event, ISSUER, opaque, START, wire } from '../../test/event-fixture.js';

const OTHER = 'https://other.test';

const identifier = fc.string({ minLength: 1, maxLength: 256 }).filter((text) => text.length <= 256);
const date = fc.integer({ min: 0, max: 4_000_000_000 });
const common = {
  id: fc.uuid(),
  issuer: fc.constantFrom(ISSUER, OTHER, 'http://127.0.0.1:4000'),
  revokedAt: date,
  expiresAt: date,
  trigger: fc.constantFrom(...Object.keys(REVOCATION_TRIGGERS)),
};
const session = fc.record(
  {
    ...common,
    kind: fc.constant('session' as const),
    sessionId: identifier,
    subject: identifier,
  },
  { requiredKeys: ['id', 'issuer', 'revokedAt', 'expiresAt', 'trigger', 'kind', 'sessionId'] },
);
const anyRevocation: fc.Arbitrary<Revocation> = fc.oneof(
  session,
  fc.record({ ...common, kind: fc.constant('token' as const), tokenId: identifier }),
  fc.record({
    ...common,
    kind: fc.constant('subject' as const),
    subject: identifier,
    before: date,
  }),
  fc.record({
    ...common,
    kind: fc.constant('client' as const),
    clientId: identifier,
    before: date,
  }),
  fc.record({ ...common, kind: fc.constant('key' as const), keyId: identifier }),
);

describe('a revocation on the wire', () => {
  it('is read as it was written, for every kind', () => {
    fc.assert(
      fc.property(anyRevocation, (revocation) => {
        expect(eventClaimsToMessage(wire(revocationToEventClaims(revocation, 7)))).toEqual({
          type: 'revocation',
          revocation,
          serial: 7,
        });
      }),
    );
  });

  it('is a CAEP event with an RFC 9493 subject identifier', () => {
    const revocation: Revocation = {
      kind: 'session',
      id: randomUUID(),
      issuer: ISSUER,
      revokedAt: START,
      expiresAt: START + 300,
      trigger: 'logout',
      sessionId: 's1',
      subject: 'ada',
      revokedAtMilliseconds: START * 1000 + 123,
    };
    expect(revocationToEventClaims(revocation, 1)).toEqual({
      iss: ISSUER,
      iat: START,
      jti: revocation.id,
      aud: 'urn:latchkey:revocation-feed',
      sub_id: { format: 'complex', session: opaque('s1'), user: ada() },
      events: { [SESSION_REVOKED_EVENT]: event({ time_ms: START * 1000 + 123 }) },
    });
  });
});

describe('a watermark on the wire', () => {
  const watermark = {
    issuer: ISSUER,
    timeMilliseconds: START * 1000 + 123,
    issuedAt: START + 40,
    serials: { from: 3, through: 5 },
    revokedKeys: [{ keyId: 'k1', expiresAt: START + 86_400 }],
    sequence: 7,
    epoch: randomUUID(),
  };

  it('is read as it was written', () => {
    const sent = wire(watermarkToEventClaims(watermark, randomUUID()));
    expect(eventClaimsToMessage(sent)).toEqual({ type: 'watermark', watermark });
  });

  it.each([
    ['a negative position', { position: -1 }],
    ['a fractional position', { position: 1.5 }],
    ['an epoch that is not a UUID', { epoch: 'first' }],
    ['a time that is not a number', { time_ms: String(START) }],
    ['no serials', { serials: undefined }],
    ['serials that end before they begin', { serials: { from: 3, through: 1 } }],
    ['a serial that is not a number', { serials: { from: 1, through: '5' } }],
    ['a revoked key with an empty kid', { revoked_keys: [{ kid: '', expires_at: 1 }] }],
    ['an unknown member in its serials', { serials: { from: 3, through: 5, except: [4] } }],
    [
      'an unknown member in a revoked key',
      { revoked_keys: [{ kid: 'k1', expires_at: 1, before: 1 }] },
    ],
  ])('is refused with %s', (_, wrong) => {
    const sent = watermarkToEventClaims(watermark, randomUUID());
    const good = (sent.events as Record<string, object>)[WATERMARK_EVENT];
    const body = { ...good, ...wrong };
    expect(() => eventClaimsToMessage({ ...sent, events: { [WATERMARK_EVENT]: body } })).toThrow();
  });
});

describe('eventClaimsToMessage', () => {
  const good = () => claims(SESSION_REVOKED_EVENT, { format: 'complex', session: opaque('s1') });

  it('accepts the events that the following tests vary', () => {
    expect(eventClaimsToMessage(good())).toMatchObject({ revocation: { sessionId: 's1' } });
  });

  it.each([
    ['a subject of another issuer', claims(SESSION_REVOKED_EVENT, ada(OTHER), { before: 1 })],
    [
      'a token of another issuer',
      claims(TOKEN_REVOKED_EVENT, { format: 'jwt_id', iss: OTHER, jti: 't1' }),
    ],
    [
      "a session of another issuer's user",
      claims(SESSION_REVOKED_EVENT, {
        format: 'complex',
        session: opaque('s1'),
        user: ada(OTHER),
      }),
    ],
  ])('refuses an event about %s', (_, sent) => {
    expect(() => eventClaimsToMessage(sent)).toThrow();
  });

  it.each([
    ['a user without a time', claims(SESSION_REVOKED_EVENT, ada())],
    [
      'a client without a time',
      claims(SESSION_REVOKED_EVENT, { format: 'complex', application: opaque('c') }),
    ],
    [
      'a session and a client at once',
      claims(
        SESSION_REVOKED_EVENT,
        { format: 'complex', session: opaque('s'), application: opaque('c') },
        { before: 1 },
      ),
    ],
    [
      'a user of a client',
      claims(
        SESSION_REVOKED_EVENT,
        { format: 'complex', user: ada(), application: opaque('c') },
        { before: 1 },
      ),
    ],
    [
      'a session with a time',
      claims(SESSION_REVOKED_EVENT, { format: 'complex', session: opaque('s') }, { before: START }),
    ],
    ['no subject', claims(SESSION_REVOKED_EVENT, { format: 'complex' })],
    [
      'a user instead of a session',
      claims(SESSION_REVOKED_EVENT, { format: 'complex', user: ada() }),
    ],
    ['an opaque id instead of a session', claims(SESSION_REVOKED_EVENT, opaque('s1'))],
    ['a token by an opaque id', claims(TOKEN_REVOKED_EVENT, opaque('t1'))],
    ['a key by a user', claims(SIGNING_KEY_REVOKED_EVENT, ada())],
    ['an empty id', claims(SIGNING_KEY_REVOKED_EVENT, opaque(''))],
    ['an id of 257 characters', claims(SIGNING_KEY_REVOKED_EVENT, opaque('k'.repeat(257)))],
    ['an unknown format', claims(SESSION_REVOKED_EVENT, { format: 'email', email: 'a@b.c' })],
  ])('refuses a subject identifier for %s', (_, sent) => {
    expect(() => eventClaimsToMessage(sent)).toThrow();
  });

  it.each([
    ['another audience', { ...good(), aud: 'orders' }],
    ['an audience in an array', { ...good(), aud: [REVOCATION_EVENT_AUDIENCE] }],
    ['no audience', { ...good(), aud: undefined }],
    ['an issuer that is not a URL', { ...good(), iss: 'issuer' }],
    ['an id that is not a UUID', { ...good(), jti: 'x.>' }],
    ['a date in a string', { ...good(), iat: String(START) }],
    ['an infinite date', { ...good(), iat: Infinity }],
    ['additional claims of a token', { ...good(), sub: 'ada', exp: START }],
    ['no event', { ...good(), events: {} }],
    [
      'two events',
      {
        ...good(),
        events: { [SESSION_REVOKED_EVENT]: event(), [TOKEN_REVOKED_EVENT]: event() },
      },
    ],
    ['an unknown event', { ...good(), events: { 'urn:other': event() } }],
    [
      'an event named like a member of Object.prototype',
      { ...good(), events: { toString: event() } },
    ],
    ['a watermark with a subject', { ...good(), events: { [WATERMARK_EVENT]: {} } }],
    ['no expires_at', claims(SESSION_REVOKED_EVENT, ada(), { before: 1, expires_at: undefined })],
    ['null', null],
    ['a string', 'x'],
    ['an array', []],
  ])('refuses claims with %s', (_, sent) => {
    expect(() => eventClaimsToMessage(sent)).toThrow();
  });
});

describe('a subject of the stream', () => {
  it('contains the id of the revocation, so that no message replaces another', () => {
    fc.assert(
      fc.property(anyRevocation, (revocation) => {
        const subject = revocationSubject(revocation, 7);
        expect(subject).toBe(`latchkey.revocations.${revocation.kind}.${revocation.id}.7`);
        expect(subject).not.toBe(WATERMARK_SUBJECT);
      }),
    );
  });

  it('is derived from the subject of the live message', () => {
    expect(storedSubject('latchkey.live.session.1')).toBe('latchkey.revocations.session.1');
    expect(storedSubject('latchkey.live.watermark')).toBe(WATERMARK_SUBJECT);
  });
});
