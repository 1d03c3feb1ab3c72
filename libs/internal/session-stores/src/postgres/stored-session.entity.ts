import type { SessionId, StoredSession } from '@latchkey/sessions';
import { Column, Entity, Index, PrimaryColumn, type ValueTransformer } from 'typeorm';

/** The driver returns `bigint` as text. Milliseconds since 1970 are safe integers. */
const bigintAsNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | undefined) => (typeof value === 'string' ? Number(value) : value),
};

/** One session. `idleExpiresAt` is set by the clock of the database, all other times by the service. */
@Entity('stored_sessions')
@Index('stored_sessions_of_subject', ['subject'])
@Index('stored_sessions_idle', ['idleExpiresAt'])
export class StoredSessionEntity {
  @PrimaryColumn({ type: 'text' })
  id!: SessionId;

  @Column({ name: 'secret_digest', type: 'bytea' })
  secretDigest!: Buffer;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent!: string | null;

  @Column({ name: 'authenticated_at', type: 'bigint', transformer: bigintAsNumber })
  authenticatedAt!: number;

  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt!: number;

  @Column({ name: 'last_used_at', type: 'bigint', transformer: bigintAsNumber })
  lastUsedAt!: number;

  @Column({ name: 'expires_at', type: 'bigint', transformer: bigintAsNumber })
  expiresAt!: number;

  @Column({ name: 'idle_expires_at', type: 'timestamptz' })
  idleExpiresAt!: Date;
}

export function toStoredSession(entity: StoredSessionEntity): StoredSession {
  const { userAgent, idleExpiresAt: _, ...session } = entity;
  return { ...session, ...(userAgent !== null && { userAgent }) };
}
