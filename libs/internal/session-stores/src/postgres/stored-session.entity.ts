import { bigintAsNumber } from '@latchkey/service-kit';
import type { SessionId, StoredSession } from '@latchkey/sessions';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A stored session. The clock of the database sets `idleExpiresAt`; the service sets all other times. */
@Entity('stored_sessions')
@Index('stored_sessions_of_subject', ['subject'])
@Index('stored_sessions_idle', ['idleExpiresAt'])
export class StoredSessionEntity {
  @PrimaryColumn({ type: 'text' })
  id!: SessionId;

  @Column({ type: 'bytea' })
  secretDigest!: Buffer;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'text' })
  clientId!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ type: 'text', nullable: true })
  userAgent!: string | null;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  authenticatedAt!: number;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  createdAt!: number;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  lastUsedAt!: number;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  expiresAt!: number;

  @Column({ type: 'timestamptz' })
  idleExpiresAt!: Date;
}

export function toStoredSession({
  userAgent,
  idleExpiresAt: _,
  ...session
}: StoredSessionEntity): StoredSession {
  return { ...session, ...(userAgent !== null && { userAgent }) };
}
