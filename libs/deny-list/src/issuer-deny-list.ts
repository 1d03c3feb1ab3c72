import type { Revocation } from '@latchkey/contracts';
import type { TokenIdentity } from './deny-list.js';
import { ExpiringMap } from './expiring-map.js';
import type { Freshness } from './freshness.js';

/** What one issuer has revoked, and how fresh that knowledge is. */
export class IssuerDenyList {
  readonly #sessions = new ExpiringMap();
  readonly #tokens = new ExpiringMap();
  readonly #keys = new ExpiringMap();
  /** The value is `before`: tokens with a smaller `iat` are refused. */
  readonly #subjects = new ExpiringMap();
  readonly #clients = new ExpiringMap();
  readonly #maps = [this.#sessions, this.#tokens, this.#keys, this.#subjects, this.#clients];

  constructor(readonly freshness: Freshness) {}

  get size(): number {
    return this.#maps.reduce((sum, map) => sum + map.size, 0);
  }

  /** @param keepUntil seconds since 1970 */
  apply(revocation: Revocation, keepUntil: number): void {
    this.expire();
    if (keepUntil <= this.freshness.certainNowSeconds()) return;
    switch (revocation.kind) {
      case 'session':
        return this.#sessions.raise(revocation.sessionId, 0, keepUntil);
      case 'token':
        return this.#tokens.raise(revocation.tokenId, 0, keepUntil);
      case 'key':
        return this.#keys.raise(revocation.keyId, 0, keepUntil);
      case 'subject':
        return this.#subjects.raise(revocation.subject, revocation.before, keepUntil);
      case 'client':
        return this.#clients.raise(revocation.clientId, revocation.before, keepUntil);
    }
  }

  isRevoked(token: TokenIdentity): boolean {
    return (
      (token.sessionId !== undefined && this.#sessions.get(token.sessionId) !== undefined) ||
      this.#tokens.get(token.tokenId) !== undefined ||
      this.#keys.get(token.keyId) !== undefined ||
      token.issuedAt < (this.#subjects.get(token.subject) ?? -Infinity) ||
      token.issuedAt < (this.#clients.get(token.clientId) ?? -Infinity)
    );
  }

  /** Called for what arrives, never for a look-up: no request pays for it. */
  expire(): void {
    const now = this.freshness.certainNowSeconds();
    for (const map of this.#maps) map.expire(now);
  }
}
