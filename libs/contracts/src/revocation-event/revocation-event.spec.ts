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
  type FeedMessage,
  type Revocation,
} from '../index.js';

const ISSUER = 'https://issuer.test';
const OTHER = 'https://other.test';
const START = 1_800_000_000;

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

/** Serializes and parses, as on the wire. */
const wire = (claims: unknown): unknown => JSON.parse(JSON.stringify(claims));

const event = (more: object = {}) => ({
  event_timestamp: START,
  reason_admin: { en: 'logout' },
  serial: 1,
  expires_at: START + 300,
  ...more,
});
const claims = (type: string, subjectId: object, more: object = {}) => ({
  iss: ISSUER,
  iat: START,
  jti: randomUUID(),
  aud: REVOCATION_EVENT_AUDIENCE,
  sub_id: subjectId,
  events: { [type]: event(more) },
});
const opaque = (id: string) => ({ format: 'opaque', id });
const ada = (iss = ISSUER) => ({ format: 'iss_sub', iss, sub: 'ada' });

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
    position: 7,
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

const ID = '0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11';
const about = {
  id: ID,
  issuer: ISSUER,
  revokedAt: START,
  revokedAtMilliseconds: START * 1000 + 123,
  expiresAt: START + 300,
  trigger: 'logout',
};
const revocationMessage = (what: object) => ({
  type: 'revocation' as const,
  revocation: { ...about, ...what } as Revocation,
  serial: 7,
});
const published = (type: string, subjectId: object, more: object = {}) => ({
  iss: ISSUER,
  iat: START,
  jti: ID,
  aud: 'urn:latchkey:revocation-feed',
  sub_id: subjectId,
  events: {
    [type]: {
      event_timestamp: START,
      time_ms: START * 1000 + 123,
      serial: 7,
      reason_admin: { en: 'logout' },
      ...more,
      expires_at: START + 300,
    },
  },
});
const publishedWatermark = {
  iss: ISSUER,
  iat: START,
  jti: ID,
  aud: 'urn:latchkey:revocation-feed',
  events: {
    'urn:latchkey:event-type:watermark': {
      time_ms: START * 1000 + 123,
      serials: { from: 3, through: 5 },
      revoked_keys: [{ kid: 'k1', expires_at: START + 86_400 }],
      position: 7,
      epoch: ID,
    },
  },
};

/** Messages as the first release writes them. Its readers refuse unknown members. */
const PUBLISHED: [name: string, message: FeedMessage, claims: Tree][] = [
  [
    'a session',
    revocationMessage({ kind: 'session', sessionId: 's1' }),
    published(SESSION_REVOKED_EVENT, { format: 'complex', session: opaque('s1') }),
  ],
  [
    "a user's session",
    revocationMessage({ kind: 'session', sessionId: 's1', subject: 'ada' }),
    published(SESSION_REVOKED_EVENT, { format: 'complex', session: opaque('s1'), user: ada() }),
  ],
  [
    'a token',
    revocationMessage({ kind: 'token', tokenId: 't1' }),
    published(TOKEN_REVOKED_EVENT, { format: 'jwt_id', iss: ISSUER, jti: 't1' }),
  ],
  [
    'a subject',
    revocationMessage({ kind: 'subject', subject: 'ada', before: 9 }),
    published(SESSION_REVOKED_EVENT, ada(), { before: 9 }),
  ],
  [
    'a client',
    revocationMessage({ kind: 'client', clientId: 'c1', before: 9 }),
    published(
      SESSION_REVOKED_EVENT,
      { format: 'complex', application: opaque('c1') },
      { before: 9 },
    ),
  ],
  [
    'a key',
    revocationMessage({ kind: 'key', keyId: 'k1' }),
    published(SIGNING_KEY_REVOKED_EVENT, opaque('k1')),
  ],
  [
    'a watermark',
    {
      type: 'watermark',
      watermark: {
        issuer: ISSUER,
        timeMilliseconds: START * 1000 + 123,
        issuedAt: START,
        serials: { from: 3, through: 5 },
        revokedKeys: [{ keyId: 'k1', expiresAt: START + 86_400 }],
        position: 7,
        epoch: ID,
      },
    },
    publishedWatermark,
  ],
];

interface Tree {
  readonly [name: string]: unknown;
}
type Path = readonly (string | number)[];

/** Returns the path of each object within the value. */
function objectsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([name, each]) => objectsIn(each, [...path, name]));
  return Array.isArray(value) ? below : [path, ...below];
}

/** Returns a copy with additional members in the object at the path. */
function withMembers(value: unknown, [name, ...rest]: Path, more: object): unknown {
  if (name === undefined) return { ...(value as object), ...more };
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[name] = withMembers(copy[name], rest, more);
  return copy;
}

/**
 * Objects that say who is revoked, or which serials exist, refuse unknown members: ignoring one could
 * revoke too much or too little. All others ignore them.
 */
const isClosed = (path: Path) =>
  path[0] === 'sub_id' ||
  (path[0] === 'events' && path.length === 1) ||
  path.includes('serials') ||
  path.includes('revoked_keys');

const PLACES = PUBLISHED.flatMap(([name, message, sent]) =>
  objectsIn(sent).map((path) => ({
    name,
    message,
    sent,
    path,
    place: path.join(' › ') || 'itself',
  })),
);
const OPEN = PLACES.filter(({ path }) => !isClosed(path));
const CLOSED = PLACES.filter(({ path }) => isClosed(path));

describe('a message of another release', () => {
  it.each(PUBLISHED)('about %s is written as the first release writes it', (_, message, sent) => {
    const claims =
      message.type === 'watermark'
        ? watermarkToEventClaims(message.watermark, ID)
        : revocationToEventClaims(message.revocation, message.serial);
    expect(wire(claims)).toEqual(sent);
  });

  it.each(PUBLISHED)('about %s is read as the first release wrote it', (_, message, sent) => {
    expect(eventClaimsToMessage(sent)).toEqual(message);
  });

  it('has objects that ignore unknown members, and objects that refuse them', () => {
    const placesOf = (places: typeof PLACES) => [...new Set(places.map(({ path }) => path.at(-1)))];
    expect(placesOf(OPEN)).toEqual(expect.arrayContaining([undefined, 'reason_admin']));
    expect(placesOf(CLOSED)).toEqual(
      expect.arrayContaining([
        'sub_id',
        'session',
        'user',
        'application',
        'serials',
        'events',
        '0',
      ]),
    );
  });

  it.each(OPEN)('about $name has the same meaning with unknown members in $place', (each) => {
    for (const more of [{ more: 1 }, { more: null }, { 'urn:other': { sub: 'eve' } }, { id: 'x' }])
      expect(eventClaimsToMessage(withMembers(each.sent, each.path, more))).toEqual(each.message);
  });

  it.each(CLOSED)('about $name is refused with an unknown member in $place', (each) => {
    for (const more of [{ tenant: opaque('acme') }, { more: null }, { 'urn:other': event() }])
      expect(() => eventClaimsToMessage(withMembers(each.sent, each.path, more))).toThrow();
  });

  it.each(PUBLISHED)(
    'about %s is read with version 1 and refused with any other',
    (_, message, sent) => {
      expect(eventClaimsToMessage({ ...sent, version: 1 })).toEqual(message);
      for (const version of [0, 2, '1', '2', null, true, {}, [1]])
        expect(() => eventClaimsToMessage({ ...sent, version })).toThrow();
    },
  );

  it.each([
    ['an unknown event', claims('urn:latchkey:event-type:tenant-revoked', opaque('acme'))],
    ['an additional event', withMembers(PUBLISHED[0]![2], ['events'], { 'urn:other': event() })],
    ['an unknown subject format', claims(SESSION_REVOKED_EVENT, { format: 'tenant', id: 'acme' })],
    [
      'an unknown part of a subject',
      claims(SESSION_REVOKED_EVENT, {
        format: 'complex',
        session: opaque('s'),
        device: opaque('d'),
      }),
    ],
    [
      'an additional restriction of a client',
      claims(
        SESSION_REVOKED_EVENT,
        { format: 'complex', application: opaque('c'), tenant: opaque('acme') },
        { before: 1 },
      ),
    ],
  ])('is refused if this release does not know its kind: %s', (_, sent) => {
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
