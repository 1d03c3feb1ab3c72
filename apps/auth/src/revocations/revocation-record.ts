import {
  REVOCATION_TRIGGERS,
  type Revocation,
  type RevocationKind,
  type RevocationTrigger,
} from '@latchkey/contracts';
import { currentSpan, returnedEntities } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { MAX_DIFFERENCE_MILLISECONDS, ServiceClock } from '../platform/clock/service-clock.js';
import type {
  ClientId,
  SessionId,
  SigningKeyId,
  TokenId,
  UserId,
} from '../platform/ids/stored-id.js';
import { lastTokenExpires } from '../keys/token-lifetimes.js';
import { keptBeyondTokensSeconds } from '../platform/revocation-lifetime.js';
import { toRevocation } from './revocation-row.js';
import { RevocationEntity } from './revocation.entity.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

/** Twice the limit, because two replicas may differ from Postgres's clock in opposite directions. */
const MAX_REPLICA_CLOCK_SKEW_SECONDS = (2 * MAX_DIFFERENCE_MILLISECONDS) / 1000;

interface Targets {
  session: { sessionId: SessionId; subject?: UserId | undefined };
  token: { tokenId: TokenId };
  subject: { subject: UserId };
  client: { clientId: ClientId };
  key: { keyId: SigningKeyId };
}

type TargetColumn = 'sessionId' | 'subject' | 'tokenId' | 'clientId' | 'keyId';

/** The trigger determines the kind of revocation, and so the required target. */
export type RevocationRequest = {
  [Trigger in RevocationTrigger]: {
    trigger: Trigger;
  } & Targets[(typeof REVOCATION_TRIGGERS)[Trigger]];
}[RevocationTrigger];

function targetColumns(target: { [Name in TargetColumn]?: string | undefined }) {
  const {
    sessionId = null,
    subject = null,
    tokenId = null,
    clientId = null,
    keyId = null,
  } = target;
  return { sessionId, subject, tokenId, clientId, keyId };
}

/** The record in Postgres. A revocation exists from the commit of its transaction. */
@Injectable()
export class RevocationRecord {
  constructor(
    @Inject(REVOCATIONS_OPTIONS) private readonly options: RevocationsModuleOptions,
    private readonly clock: ServiceClock,
  ) {}

  /**
   * Inserts a revocation in the caller's transaction. Publish it after the commit.
   *
   * Times come from the service's clock, not Postgres's (ADR 0031). A `subject` or `client` revocation covers
   * tokens with `iat < before`: store `before` as `tokens_valid_from`.
   *
   * @param issuedUntil `iat` of the newest token to cover, if known. The revocation then covers and outlives
   * that token even if clocks have changed since.
   */
  async revoke(
    manager: EntityManager,
    what: RevocationRequest,
    issuedUntil = 0,
  ): Promise<Revocation> {
    const kind: RevocationKind = REVOCATION_TRIGGERS[what.trigger];
    const { revokedAt, issuedBefore, latest } = this.#timesOf(kind, issuedUntil);
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(RevocationEntity)
      .values({
        id: randomUUID(),
        kind,
        trigger: what.trigger,
        ...targetColumns(what),
        issuedBefore,
        revokedAt,
        expiresAt: () => `${lastTokenExpires(':latest::bigint', ':own::bigint')} + :kept::bigint`,
        createdAt: new Date(this.clock.now()),
        // Another replica may publish it, in the same trace.
        traceparent: currentSpan()?.traceparent ?? null,
      })
      .setParameters({
        latest,
        own: this.options.accessTokenLifetimeSeconds,
        kept: 1 + keptBeyondTokensSeconds(kind),
      })
      .returning('*')
      .updateEntity(false)
      .execute();
    const [entity] = returnedEntities(manager.getRepository(RevocationEntity), inserted);
    return toRevocation(entity!, this.options.issuer);
  }

  #timesOf(kind: RevocationKind, issuedUntil: number) {
    const revokedAt = this.clock.seconds();
    const latest = Math.max(this.clock.latestSeconds(), issuedUntil);
    const before = {
      // Exact, because the record knows the newest token of each session.
      subject: Math.max(revokedAt, issuedUntil) + 1,
      // The tokens that clients get for themselves are not recorded, and another replica's clock may be ahead.
      client: latest + MAX_REPLICA_CLOCK_SKEW_SECONDS + 1,
    };
    return {
      revokedAt,
      issuedBefore: kind === 'subject' || kind === 'client' ? before[kind] : null,
      latest,
    };
  }
}
