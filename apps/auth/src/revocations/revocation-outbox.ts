import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import {
  Any,
  IsNull,
  LessThanOrEqual,
  MoreThan,
  Not,
  Repository,
  type EntityManager,
  type FindOperator,
  type SelectQueryBuilder,
} from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import type { SessionId, UserId } from '../platform/ids/stored-id.js';
import { RELAY } from '../platform/relay-database.js';
import { RevocationEntity } from './revocation.entity.js';
import { UnreadableRows } from './unreadable-rows.js';

/** Write times in milliseconds since 1970, by the service's clock. Each commit came later than its write. */
export interface BacklogWritten {
  readonly oldest: number;
  readonly newest: number;
}

/** One acknowledgement of JetStream. */
export interface Published {
  readonly id: string;
  readonly sequence: number;
}

/** Every outcome but `marked` marks nothing, and the batch must be published again. */
export type MarkOutcome =
  | 'marked'
  | 'epoch_replaced'
  | 'signing_key_revoked'
  /** JetStream reused the sequence of a message that it had acknowledged before. */
  | 'stream_rolled_back';

/** The revocations that are not on the stream, or that must be signed again. */
@Injectable()
export class RevocationOutbox {
  constructor(
    @InjectRepository(RevocationEntity, RELAY)
    private readonly revocations: Repository<RevocationEntity>,
    private readonly clock: ServiceClock,
    private readonly unreadable: UnreadableRows,
  ) {}

  /**
   * Ids of unpublished revocations, oldest first. A cursor on id or time would skip transactions that begin
   * earlier and commit later.
   *
   * @param through returns only revocations with a serial up to this one
   */
  async unpublished(limit: number, through?: number): Promise<string[]> {
    return this.unreadable.skip((except) =>
      this.#unpublished()
        .andWhere({
          id: Not(Any(except)),
          ...(through !== undefined && { serial: LessThanOrEqual(through) }),
        })
        .orderBy({ 'revocation.createdAt': 'ASC', 'revocation.id': 'ASC' })
        .limit(limit)
        .getMany(),
    );
  }

  /** Write times of the unpublished revocations; undefined if there are none. */
  async backlogWritten(): Promise<BacklogWritten | undefined> {
    const written = await this.#unpublished()
      .select('min(created_at)', 'oldest')
      .addSelect('max(created_at)', 'newest')
      .getRawOne<{ oldest: Date | null; newest: Date | null }>();
    if (!written?.oldest || !written.newest) return undefined;
    return { oldest: Number(written.oldest), newest: Number(written.newest) };
  }

  /** Ids of live revocations whose event on the stream was signed with a revoked key. */
  async toSignAgain(limit: number): Promise<string[]> {
    return this.unreadable.skip((except) =>
      this.revocations.find({
        where: {
          publishedAt: Not(IsNull()),
          signedBy: IsNull(),
          expiresAt: this.#inTheFuture(),
          id: Not(Any(except)),
        },
        take: limit,
      }),
    );
  }

  async backlog(): Promise<number> {
    return this.revocations.countBy({ publishedAt: IsNull(), expiresAt: this.#inTheFuture() });
  }

  /** Whether a live revocation of any of these sessions, or of any session of a user, is not on the stream yet. */
  async isPending(of: readonly SessionId[] | { readonly userId: UserId }): Promise<boolean> {
    return this.revocations.existsBy({
      publishedAt: IsNull(),
      expiresAt: this.#inTheFuture(),
      ...('userId' in of ? { subject: of.userId } : { sessionId: Any(of) }),
    });
  }

  /**
   * Marks acknowledged revocations as published, unless the stream was replaced or the signing key revoked
   * meanwhile. Raw SQL lets one statement lock both rows: a transaction that changes them waits, then
   * finds these revocations marked and unmarks them.
   */
  async markPublished(
    published: readonly Published[],
    epoch: string,
    keyId: string,
  ): Promise<MarkOutcome> {
    const [found] = await this.revocations.query<
      [{ stream: number; signer: number; collisions: number }]
    >(
      `WITH stream AS MATERIALIZED (
         SELECT epoch FROM revocation_stream WHERE epoch = $1 FOR KEY SHARE
       ), signer AS MATERIALIZED (
         SELECT kid FROM signing_keys WHERE kid = $2 AND state <> 'revoked' FOR SHARE
       ), due AS MATERIALIZED (
         SELECT r.id, ack.sequence
         FROM stream, signer, revocations r
         JOIN unnest($3::uuid[], $4::bigint[]) AS ack (id, sequence) ON ack.id = r.id
         WHERE r.signed_by IS NULL
         ORDER BY r.id FOR NO KEY UPDATE OF r
       ), collision AS MATERIALIZED (
         SELECT due.id FROM due JOIN revocations other
           ON other.stream_sequence = due.sequence AND other.id <> due.id
              AND other.published_at IS NOT NULL
         UNION ALL
         SELECT due.id FROM due JOIN revocation_stream ON last_sequence = due.sequence
       ), marked AS (
         UPDATE revocations r
         SET published_at = clock_timestamp(), stream_sequence = due.sequence, signed_by = $2
         FROM due WHERE r.id = due.id AND NOT EXISTS (SELECT FROM collision)
       )
       SELECT (SELECT count(*) FROM stream)::int AS stream,
              (SELECT count(*) FROM signer)::int AS signer,
              (SELECT count(*) FROM collision)::int AS collisions`,
      [epoch, keyId, published.map(({ id }) => id), published.map(({ sequence }) => sequence)],
    );
    if (found.stream === 0) return 'epoch_replaced';
    if (found.signer === 0) return 'signing_key_revoked';
    return found.collisions === 0 ? 'marked' : 'stream_rolled_back';
  }

  /**
   * Marks the events of a revoked key to be signed again, because verifiers now reject them. They stay
   * published: verifiers that applied them carry on, and others notice that they lack them.
   */
  async unmarkSignedBy(manager: EntityManager, keyId: string): Promise<void> {
    await manager.update(RevocationEntity, { signedBy: keyId }, { signedBy: null });
  }

  /** Numbered revocations are published even after they expire, because verifiers would notice the gap. */
  #unpublished(): SelectQueryBuilder<RevocationEntity> {
    return this.revocations
      .createQueryBuilder('revocation')
      .where('published_at IS NULL AND (expires_at > :now OR serial IS NOT NULL)', {
        now: this.clock.seconds(),
      });
  }

  /** Uses the service's clock, because Postgres's may have leapt ahead. */
  #inTheFuture(): FindOperator<number> {
    return MoreThan(this.clock.seconds());
  }
}
