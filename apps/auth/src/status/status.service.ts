import { REVOCATION_AUTHORS, type RevocationAuthor } from '@latchkey/contracts';
import type { RevocationStatusReply, RevocationStatusRequest } from '@latchkey/contracts/auth-api';
import { Injectable } from '@nestjs/common';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { VERIFIER_CLOCK_MARGIN_SECONDS } from '../platform/revocation-lifetime.js';
import { CurrentRecord } from '../revocations/current-record.js';
import { Receipts } from '../revocations/receipts/receipts.js';
import { StatusQuery, type MatchingRevocation } from './status-query.js';

/** Answers from the record, which every verifier follows: what it does not revoke, no verifier revokes. */
@Injectable()
export class StatusService {
  constructor(
    private readonly query: StatusQuery,
    private readonly record: CurrentRecord,
    private readonly receipts: Receipts,
    private readonly lifetimes: TokenLifetimes,
    private readonly clock: ServiceClock,
  ) {}

  /** @throws ProblemError 503 while the record may lack revocations that verifiers know */
  async statusOf(token: RevocationStatusRequest): Promise<RevocationStatusReply> {
    // Before the read, because what is committed after it may be missing.
    const asOf = new Date(this.clock.now()).toISOString();
    const { revocation, isConnected, sessionExpiredAt, nextSerial } = await this.record.read(() =>
      this.query.read(token),
    );
    if (revocation) return { ...this.#revoked(revocation), asOf };
    this.record.requireCompared();
    const verifiers = this.receipts.progress(nextSerial - 1);
    const reason = this.#reasonNotToKnow(token, isConnected);
    if (reason) return { revoked: null, reason, asOf, verifiers };
    return {
      revoked: false,
      ...(sessionExpiredAt && { sessionExpiredAt: sessionExpiredAt.toISOString() }),
      asOf,
      verifiers,
    };
  }

  #revoked({ trigger, at, serial, forgotten }: MatchingRevocation) {
    // No verifier accepts a token whose revocation has been forgotten, because it has expired.
    const position = forgotten ? 0 : (serial ?? undefined);
    return {
      revoked: true as const,
      at: new Date(at).toISOString(),
      reason: trigger,
      by: authorOf(trigger),
      verifiers: this.receipts.progress(position),
    };
  }

  #reasonNotToKnow({ iat }: RevocationStatusRequest, isConnected: boolean) {
    // Revocations are kept for at least this long after the `iat` of every token that they match.
    const kept = this.lifetimes.longestSeconds + VERIFIER_CLOCK_MARGIN_SECONDS;
    if (iat + kept <= this.clock.seconds()) return 'token_expired';
    return isConnected ? undefined : 'not_recorded';
  }
}

/** Restored rows may have triggers that this release does not know. */
const authorOf = (trigger: string): RevocationAuthor =>
  (REVOCATION_AUTHORS as Readonly<Record<string, RevocationAuthor>>)[trigger] ?? 'system';
