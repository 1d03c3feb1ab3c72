import {
  eventClaimsToMessage,
  revocationToEventClaims,
  SESSION_REVOKED_EVENT,
  SIGNING_KEY_REVOKED_EVENT,
  TOKEN_REVOKED_EVENT,
  watermarkToEventClaims,
  type FeedMessage,
  type Revocation,
} from '../src/index.js';
import { ada, claims, event, ISSUER, opaque, START, wire } from './event-fixture.js';

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
        sequence: 7,
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
