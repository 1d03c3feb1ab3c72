import { subjectTokenOf, type Principal, type SubjectToken } from '@latchkey/verifier';
import { createHash } from 'node:crypto';
import type { Clock } from './cached-token.js';
import { ServiceTokenError } from './errors.js';
import {
  identityOf,
  lookupOf,
  type RevocationLookup,
  type Revocations,
} from './revocation-lookup.js';

const GRANT = 'token_exchange';

/** The user for whom a token is exchanged, and the credential that is exchanged for it. */
export class Subject {
  /** Prepared once for each credential, because it is repeated at each use. */
  readonly revocation: RevocationLookup;
  /** The part of a cache key that distinguishes this credential from all others. */
  readonly keyParts: readonly string[];

  constructor(
    readonly principal: Principal,
    readonly subjectToken: SubjectToken,
    revocations: Revocations,
  ) {
    this.revocation = lookupOf(revocations, identityOf(principal));
    this.keyParts = keyPartsOf(principal, subjectToken);
  }

  /** Time until the credential expires, by the wall clock, which `exp` is about. */
  remainingMilliseconds({ now }: Clock): number {
    return this.principal.expiresAt * 1000 - now();
  }

  /** @throws ServiceTokenError `revoked`, `expired` */
  requireLive(clock: Clock): void {
    if (this.revocation.isRevoked())
      throw new ServiceTokenError('revoked', 'the session or its token was revoked', GRANT);
    this.checkExpiry(clock);
  }

  /** @throws ServiceTokenError `expired` */
  checkExpiry(clock: Clock): void {
    if (this.remainingMilliseconds(clock) <= 0)
      throw new ServiceTokenError('expired', 'the subject token has expired', GRANT);
  }
}

/** Finds the subject of a principal. Requests with the same token share the principal, and so its subject. */
export class Subjects {
  readonly #subjects = new WeakMap<Principal, Subject>();

  constructor(private readonly revocations: Revocations) {}

  /** @throws ServiceTokenError `no_subject_token` */
  of(principal: Principal): Subject {
    const known = this.#subjects.get(principal);
    if (known) return known;
    const subjectToken = subjectTokenOf(principal);
    if (!subjectToken)
      throw new ServiceTokenError(
        'no_subject_token',
        'pass the principal that the verifier or the guard returned, not a copy of it',
        GRANT,
      );
    const subject = new Subject(principal, subjectToken, this.revocations);
    this.#subjects.set(principal, subject);
    return subject;
  }
}

/**
 * The user alone is never the key: two sessions of one user have different rights and different ends. A
 * credential
 * without an id of its own is known by its hash.
 */
function keyPartsOf(principal: Principal, { token, type }: SubjectToken): readonly string[] {
  const { issuer, subject, sessionId = '' } = principal;
  const tokenId = (principal as { readonly tokenId?: string }).tokenId;
  const id = tokenId ?? createHash('sha256').update(token).digest('base64url');
  return [type, issuer, subject, sessionId, tokenId === undefined ? 'sha256' : 'jti', id];
}
