import type { Revocation } from '@latchkey/contracts';
import { DenyList, type TokenIdentity } from '@latchkey/deny-list';
import fc from 'fast-check';

export const ISSUER = 'http://auth.test:4000';
export const HOUR = 3600;
export const LAST_U32 = 2 ** 32 - 1;
/** The generated records are dated around this time. */
export const NOW = Math.floor(Date.now() / 1000);

/** A row of the record, without the columns that all rows share. */
export interface Row {
  kind: string;
  session_id?: string | undefined;
  subject?: string | undefined;
  token_id?: string;
  client_id?: string;
  key_id?: string;
  issued_before?: number;
  expires_at: number;
}

/** 1 to 256 characters, as `RevocationIdentifier` counts them. Postgres cannot store NUL. */
const anyName = fc.oneof(
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 256, size: 'max' })
    .map((name) => name.replaceAll('\0', '0')),
  fc.constantFrom('a', 'é', '€', '🐎', '\\x41', "'", 'a'.repeat(256), 'é'.repeat(256)),
  fc.constantFrom('€'.repeat(256), '🐎'.repeat(256), 'a'.repeat(255) + '🐎'),
);
const anyBefore = fc.oneof(
  fc.constantFrom(0, 1, NOW, NOW + 1, LAST_U32, LAST_U32 + 1, Number.MAX_SAFE_INTEGER),
  fc.integer({ min: NOW - HOUR, max: NOW + HOUR }),
  fc.maxSafeNat(),
);
/** No expiry falls within the run of the test. */
const anyExpiry = fc.oneof(
  fc.integer({ min: NOW + HOUR, max: NOW + 24 * HOUR }),
  fc.integer({ min: 0, max: NOW - HOUR }),
  fc.constantFrom(0, LAST_U32 - 5, LAST_U32, LAST_U32 + 1, 2 ** 33, Number.MAX_SAFE_INTEGER - 5),
);
export const anyRow: fc.Arbitrary<Row> = fc.oneof(
  fc.record({
    kind: fc.constant('session'),
    session_id: anyName,
    subject: fc.option(anyName, { nil: undefined }),
    expires_at: anyExpiry,
  }),
  fc.record({ kind: fc.constant('token'), token_id: anyName, expires_at: anyExpiry }),
  fc.record({
    kind: fc.constant('subject'),
    subject: anyName,
    issued_before: anyBefore,
    expires_at: anyExpiry,
  }),
  fc.record({
    kind: fc.constant('client'),
    client_id: anyName,
    issued_before: anyBefore,
    expires_at: anyExpiry,
  }),
  fc.record({ kind: fc.constant('key'), key_id: anyName, expires_at: anyExpiry }),
);

export function nameOf(revocation: Revocation): string {
  switch (revocation.kind) {
    case 'session':
      return revocation.sessionId;
    case 'token':
      return revocation.tokenId;
    case 'subject':
      return revocation.subject;
    case 'client':
      return revocation.clientId;
    case 'key':
      return revocation.keyId;
  }
}

/** Tokens that a revocation may or may not cover: each has the name in a different claim. */
export function tokensNear(name: string, before: number): TokenIdentity[] {
  const other: TokenIdentity = {
    issuer: ISSUER,
    subject: 'another',
    clientId: 'another',
    tokenId: 'another',
    sessionId: 'another',
    keyId: 'another',
    issuedAt: 0,
  };
  const times = [0, before - 1, before, LAST_U32 - 1, LAST_U32 + 1].filter((time) => time >= 0);
  return times.flatMap((issuedAt) =>
    (['subject', 'clientId', 'tokenId', 'sessionId', 'keyId'] as const).map((place) => ({
      ...other,
      issuedAt,
      [place]: name,
    })),
  );
}

/** A deny-list with an adjustable clock. */
export class TestList extends DenyList {
  readonly time: { ahead: number };

  constructor() {
    const time = { ahead: 0 };
    const now = () => Date.now() + time.ahead;
    super({ now, monotonicNow: now });
    this.time = time;
  }

  /** Drops everything that has expired by then, which takes several watermarks. */
  forgetAt(seconds: number): void {
    this.time.ahead = seconds * 1000 - Date.now();
    const serials = { from: 1, through: 0 };
    for (let step = 0; step < 64; step++)
      this.applyWatermark({
        issuer: ISSUER,
        timeMilliseconds: seconds * 1000 + step,
        serials,
        revokedKeys: [],
      });
  }
}
