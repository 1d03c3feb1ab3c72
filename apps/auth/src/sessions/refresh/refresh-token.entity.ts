import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { SessionId } from '../../platform/ids/stored-id.js';
import { SessionEntity } from '../session.entity.js';

@Entity('refresh_tokens')
@Index('refresh_tokens_of_session', ['sessionId'])
@Index('refresh_tokens_of_family', ['familyHash'], { where: 'family_hash IS NOT NULL' })
@Check('refresh_tokens_check', '(successor_hash IS NULL) = (sealed_successor IS NULL)')
@Check('refresh_tokens_check1', 'successor_hash IS NULL OR used_at IS NOT NULL')
export class RefreshTokenEntity {
  @PrimaryColumn({ type: 'bytea' })
  hash!: Buffer;

  @Column({ type: 'uuid' })
  @ForeignKey(() => SessionEntity, { onDelete: 'CASCADE' })
  sessionId!: SessionId;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  /** `-infinity` for a token whose successors were deleted. */
  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | number | null;

  @Column({ type: 'bytea', nullable: true })
  successorHash!: Buffer | null;

  /** The successor, encrypted with the token itself. */
  @Column({ type: 'bytea', nullable: true })
  sealedSuccessor!: Buffer | null;

  /** Null for a token from before families. */
  @Column({ type: 'bytea', nullable: true })
  familyHash!: Buffer | null;
}
