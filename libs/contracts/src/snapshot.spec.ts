import fc from 'fast-check';
import {
  readSnapshotChunk,
  RevocationIdentifier,
  SNAPSHOT_AUDIENCE,
  SNAPSHOT_ENTRY,
  SNAPSHOT_KINDS,
  SnapshotClaims,
} from './index.js';

const ID = '0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11';

/** Claims as the first release writes them. Its readers refuse unknown members. */
const published = {
  iss: 'https://issuer.test',
  iat: 1_800_000_000,
  jti: ID,
  aud: SNAPSHOT_AUDIENCE,
  time_ms: 1_800_000_000_123,
  through: 9,
  epoch: ID,
  position: 4,
  entries: { session: 5, token: 4, subject: 3, client: 2, key: 1 },
  chunks: 1,
  digest: 'd'.repeat(43),
};
const reads = (claims: unknown) => SnapshotClaims.safeParse(claims).success;
const withEntries = (more: object) => ({
  ...published,
  entries: { ...published.entries, ...more },
});

describe('the claims of a snapshot', () => {
  it('are read as the first release wrote them', () => {
    expect(SnapshotClaims.parse(published)).toEqual(published);
  });

  it.each([{ more: 1 }, { more: null }, { 'urn:other': {} }])(
    'have the same meaning with unknown members: %j',
    (more) => {
      expect(SnapshotClaims.parse({ ...published, ...more })).toEqual(published);
    },
  );

  it('are read with version 1 and refused with any other', () => {
    expect(reads({ ...published, version: 1 })).toBe(true);
    for (const version of [0, 2, '1', null, true, {}])
      expect(reads({ ...published, version })).toBe(false);
  });

  it('may count unknown kinds only with 0 entries', () => {
    expect(SnapshotClaims.parse(withEntries({ tenant: 0 }))).toEqual(published);
    for (const tenant of [1, -1, 0.5, '0', null])
      expect(reads(withEntries({ tenant }))).toBe(false);
  });

  it.each(SNAPSHOT_KINDS)('require a count of kind %s', (kind) => {
    for (const wrong of [undefined, -1, 0.5, '1', null])
      expect(reads(withEntries({ [kind]: wrong }))).toBe(false);
  });
});

describe('an entry of a snapshot', () => {
  it('has room for the longest identifier', () => {
    const longest = '🐎'.repeat(256);
    expect(RevocationIdentifier.safeParse(longest).success).toBe(true);
    expect(RevocationIdentifier.safeParse(`${longest}x`).success).toBe(false);
    expect(Buffer.byteLength(longest)).toBeLessThan(SNAPSHOT_ENTRY.nameLengthLimit);
  });

  it('is read from arbitrary bytes, or they are refused', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    // Most random bytes do not contain a kind, so these start like an entry.
    const start = fc
      .record({ place: fc.nat(6), length: fc.nat(40) })
      .map(({ place, length }) => [0, 0, place * 16, length]);
    fc.assert(
      fc.property(start, bytes, (head, rest) => {
        try {
          readSnapshotChunk(Buffer.from([...head, ...rest]), (kind, name, expiresAt, before) => {
            expect(SNAPSHOT_KINDS).toContain(kind);
            expect(name).not.toBe('');
            expect(Math.min(expiresAt, before)).toBeGreaterThanOrEqual(0);
          });
        } catch (error) {
          // Compared by name, because Jest runs tests in another realm.
          expect((error as Error).name).toBe('RangeError');
        }
      }),
    );
  });
});
