import type { TokenDelivery } from '@latchkey/contracts/auth-api';
import { bigintAsNumber } from '@latchkey/service-kit';
import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { UserEntity } from '../accounts/users/user.entity.js';
import type { SessionId, UserId } from '../platform/ids/stored-id.js';

/** A session that has a row, live or not. */
@Entity('sessions')
@Index('sessions_of_user', ['userId', 'createdAt'], { where: 'ended_at IS NULL' })
@Index('sessions_with_cookie', ['userId'], { where: 'refresh_delivery IS NULL' })
@Index('sessions_expiry', ['absoluteExpiresAt'])
@Index('sessions_ended', ['endedAt'], { where: 'ended_at IS NOT NULL' })
// The housekeeper uses this index on the end of sessions with tokens.
@Index('sessions_ended_with_tokens', { synchronize: false })
@Check('sessions_refresh_delivery_check', `refresh_delivery IN ('body', 'cookie')`)
@Check('sessions_access_delivery_check', `access_delivery IN ('body', 'cookie')`)
@Check('sessions_check', '(ended_at IS NULL) = (end_reason IS NULL)')
@Check('sessions_check1', `access_delivery = 'body' OR refresh_delivery = 'cookie'`)
export class SessionEntity {
  /** Appears in tokens, so it is fully random. */
  @PrimaryGeneratedColumn('uuid')
  id!: SessionId;

  @Column({ type: 'uuid' })
  @ForeignKey(() => UserEntity)
  userId!: UserId;

  @Column({ type: 'text' })
  clientId!: string;

  /** Null for a cookie session, which has no refresh token. */
  @Column({ type: 'text', nullable: true })
  refreshDelivery!: TokenDelivery | null;

  @Column({ type: 'text', nullable: true })
  userAgent!: string | null;

  /** NumericDate in seconds; never below the `tokens_valid_from` of the user and the client. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  authTime!: number;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  lastUsedAt!: Date;

  @Column({ type: 'timestamptz' })
  idleExpiresAt!: Date;

  @Column({ type: 'timestamptz' })
  absoluteExpiresAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  endReason!: string | null;

  @Column({ type: 'text', default: 'body' })
  accessDelivery!: TokenDelivery;

  /** The latest `iat` among the session's tokens, as a NumericDate in seconds; 0 before the first. */
  @Column({ type: 'bigint', default: 0, transformer: bigintAsNumber })
  newestIat!: number;

  /** The network address of the log-in, in the form of rate limits; null if unknown, or not kept. */
  @Column({ type: 'text', nullable: true })
  loginAddress!: string | null;

  /** The network address of the last refresh; of the log-in, before the first. Null also for a cookie session. */
  @Column({ type: 'text', nullable: true })
  lastAddress!: string | null;

  get hasCookie(): boolean {
    return this.refreshDelivery === null;
  }
}
