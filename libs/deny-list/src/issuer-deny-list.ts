import type { Revocation, RevocationKind } from '@latchkey/contracts';
import { randomBytes } from 'node:crypto';
import { AppliedSerials } from './applied-serials.js';
import type { Freshness } from './freshness.js';
import { ExpiringTable } from './hash-table/expiring-table.js';
import { KeyedHash } from './hash-table/keyed-hash.js';

/** The revocations of one issuer, and how fresh they are. */
export class IssuerDenyList {
  /** The key is a secret of this process, so that nobody can search for colliding identifiers. */
  readonly hash = new KeyedHash(randomKey());
  readonly sessions = new ExpiringTable();
  readonly tokens = new ExpiringTable();
  readonly keys = new ExpiringTable();
  /** The value is `before`: tokens with a smaller `iat` are revoked. */
  readonly subjects = new ExpiringTable();
  readonly clients = new ExpiringTable();
  readonly #tables = [this.sessions, this.tokens, this.keys, this.subjects, this.clients];

  /** The serial numbers of the revocations that these tables hold. */
  readonly serials = new AppliedSerials();

  constructor(readonly freshness: Freshness) {}

  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.size, 0);
  }

  get sizes(): Record<RevocationKind, number> {
    return {
      session: this.sessions.size,
      token: this.tokens.size,
      subject: this.subjects.size,
      client: this.clients.size,
      key: this.keys.size,
    };
  }

  get bytes(): number {
    return this.#tables.reduce((sum, table) => sum + table.bytes, 0);
  }

  /** @param keepUntil in seconds since 1970 */
  apply(revocation: Revocation, keepUntil: number): void {
    const now = this.freshness.certainNowSeconds();
    if (keepUntil <= now) return;
    const { hash } = this;
    switch (revocation.kind) {
      case 'session':
        return this.sessions.raise(hash.of(revocation.sessionId), 0, keepUntil, now);
      case 'token':
        return this.tokens.raise(hash.of(revocation.tokenId), 0, keepUntil, now);
      case 'key':
        return this.revokeKey(revocation.keyId, keepUntil);
      case 'subject':
        return this.subjects.raise(hash.of(revocation.subject), revocation.before, keepUntil, now);
      case 'client':
        return this.clients.raise(hash.of(revocation.clientId), revocation.before, keepUntil, now);
    }
  }

  reserve(counts: Readonly<Record<RevocationKind, number>>): void {
    const now = this.freshness.certainNowSeconds();
    this.sessions.reserve(counts.session, now);
    this.tokens.reserve(counts.token, now);
    this.keys.reserve(counts.key, now);
    this.subjects.reserve(counts.subject, now);
    this.clients.reserve(counts.client, now);
  }

  /** @param keepUntil in seconds since 1970 */
  revokeKey(keyId: string, keepUntil: number): void {
    const now = this.freshness.certainNowSeconds();
    if (keepUntil > now) this.keys.raise(this.hash.of(keyId), 0, keepUntil, now);
  }

  /** Drops some of the expired entries. Watermarks call this, so that look-ups never pay for it. */
  expire(): void {
    const now = this.freshness.certainNowSeconds();
    for (const table of this.#tables) table.expire(now);
  }
}

function randomKey(): [number, number] {
  const bytes = randomBytes(8);
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)];
}
