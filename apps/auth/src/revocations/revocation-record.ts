import {
  REVOCATION_TRIGGERS,
  type Revocation,
  type RevocationKind,
  type RevocationTrigger,
} from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { ClientId, SessionId, SigningKeyId, TokenId, UserId } from '../ids/stored-id.js';
import { keptSeconds } from './revocation-lifetime.js';
import { REVOCATION_COLUMNS, revocationFromRow, type RevocationRow } from './revocation-row.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

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
  constructor(@Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions) {}

  /**
   * Inserts in the caller's transaction; publish it after the commit.
   *
   * Times are Postgres's, the one clock that all replicas share. A `subject` or `client` revocation
   * covers `iat < before` with `before` = the next whole second: keep it as `tokens_valid_from`.
   */
  async revoke(manager: EntityManager, what: RevocationRequest): Promise<Revocation> {
    const kind: RevocationKind = REVOCATION_TRIGGERS[what.trigger];
    const { sessionId, subject, tokenId, clientId, keyId } = what as Partial<
      Targets[keyof Targets]
    > & { [name: string]: string | undefined };
    const coversTime = kind === 'subject' || kind === 'client';
    const [row] = await manager.query<[RevocationRow]>(
      `INSERT INTO revocations (id, kind, trigger, session_id, subject, token_id, client_id, key_id,
                                issued_before, revoked_at, expires_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8,
              CASE WHEN $9 THEN clock.seconds + 1 END, clock.seconds, clock.seconds + 1 + $10
       FROM (SELECT floor(extract(epoch FROM clock_timestamp()))::bigint AS seconds) AS clock
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
        coversTime,
        keptSeconds(kind, this.options.accessTokenLifetimeSeconds),
      ],
    );
    return revocationFromRow(row, this.options.issuer);
  }
}
