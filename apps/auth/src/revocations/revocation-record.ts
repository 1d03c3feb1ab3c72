import {
  REVOCATION_TRIGGERS,
  type Revocation,
  type RevocationKind,
  type RevocationTrigger,
} from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { LARGEST_DIFFERENCE_MILLISECONDS, ServiceClock } from '../platform/clock/service-clock.js';
import type {
  ClientId,
  SessionId,
  SigningKeyId,
  TokenId,
  UserId,
} from '../platform/ids/stored-id.js';
import { lastTokenExpires } from '../keys/token-lifetimes.js';
import { keptBeyondTokensSeconds } from '../platform/revocation-lifetime.js';
import { REVOCATION_COLUMNS, revocationFromRow, type RevocationRow } from './revocation-row.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

/** Each may differ from Postgres's by so much, and in either direction. */
const CLOCKS_OF_REPLICAS_SECONDS = (2 * LARGEST_DIFFERENCE_MILLISECONDS) / 1000;

interface Targets {
  session: { sessionId: SessionId; subject?: UserId | undefined };
  token: { tokenId: TokenId };
  subject: { subject: UserId };
  client: { clientId: ClientId };
  key: { keyId: SigningKeyId };
}

/** What is revoked and why; the kind, and so the target that must be named, follows from the trigger. */
export type RevocationRequest = {
  [Trigger in RevocationTrigger]: {
    trigger: Trigger;
  } & Targets[(typeof REVOCATION_TRIGGERS)[Trigger]];
}[RevocationTrigger];

/** Postgres is the record: a revocation exists from the commit of the transaction that causes it. */
@Injectable()
export class RevocationRecord {
  constructor(
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
    private readonly clock: ServiceClock,
  ) {}

  /**
   * Inserts in the caller's transaction; publish it after the commit.
   *
   * Times are those of the service's clock, not Postgres's (ADR 0031). A `subject` or `client`
   * revocation covers `iat < before`: keep it as `tokens_valid_from`.
   *
   * @param issuedUntil `iat` of the newest token that it must cover, where the record knows it: then it
   * covers that token, and outlives it, whatever has become of the clocks since
   */
  async revoke(
    manager: EntityManager,
    what: RevocationRequest,
    issuedUntil = 0,
  ): Promise<Revocation> {
    const kind: RevocationKind = REVOCATION_TRIGGERS[what.trigger];
    const { sessionId, subject, tokenId, clientId, keyId } = what as Partial<
      Targets[keyof Targets]
    > & { [name: string]: string | undefined };
    const times = this.#timesOf(kind, issuedUntil);
    const [row] = await manager.query<[RevocationRow]>(
      `INSERT INTO revocations (id, kind, trigger, session_id, subject, token_id, client_id, key_id,
                                issued_before, revoked_at, expires_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
               ${lastTokenExpires('$11::bigint', '$12::bigint')} + $13::bigint,
               to_timestamp($14::float8 / 1000))
       RETURNING ${REVOCATION_COLUMNS}`,
      [
        randomUUID(),
        kind,
        what.trigger,
        sessionId,
        subject,
        tokenId,
        clientId,
        keyId,
        times.before,
        times.revokedAt,
        times.latest,
        this.options.accessTokenLifetimeSeconds,
        1 + keptBeyondTokensSeconds(kind),
        this.clock.now(),
      ],
    );
    return revocationFromRow(row, this.options.issuer);
  }

  #timesOf(kind: RevocationKind, issuedUntil: number) {
    const revokedAt = this.clock.seconds();
    const latest = Math.max(this.clock.latestSeconds(), issuedUntil);
    const before = {
      // A log-out everywhere is exact: the record knows the newest token of each session.
      subject: Math.max(revokedAt, issuedUntil) + 1,
      // Of a client's own tokens no record is kept. Another replica's clock may be ahead of this one's.
      client: latest + CLOCKS_OF_REPLICAS_SECONDS + 1,
    };
    return {
      revokedAt,
      before: kind === 'subject' || kind === 'client' ? before[kind] : null,
      latest,
    };
  }
}
