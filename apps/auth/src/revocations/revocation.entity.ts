import type { RevocationKind } from '@latchkey/contracts';
import { bigintAsNumber } from '@latchkey/service-kit';
import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('revocations')
@Unique(['serial'])
@Index('revocations_unpublished', ['id'], { where: 'published_at IS NULL' })
@Index('revocations_backlog', ['createdAt', 'id'], { where: 'published_at IS NULL' })
@Index('revocations_to_sign_again', ['id'], {
  where: 'published_at IS NOT NULL AND signed_by IS NULL',
})
@Index('revocations_sequence', ['streamSequence'], { where: 'published_at IS NOT NULL' })
@Index('revocations_of_token', ['tokenId'], { where: 'token_id IS NOT NULL' })
@Index('revocations_of_key', ['keyId'], { where: 'key_id IS NOT NULL' })
@Index('revocations_of_session', ['sessionId'], { where: `kind = 'session'` })
@Index('revocations_of_subject', ['subject'], { where: `kind = 'subject'` })
@Index('revocations_of_client', ['clientId'], { where: `kind = 'client'` })
@Index('revocations_expiry', ['expiresAt'])
@Index('revocations_key', ['expiresAt'], { where: `kind = 'key'` })
@Check('revocations_kind_check', `kind IN ('session', 'token', 'subject', 'client', 'key')`)
@Check('revocations_check', '(published_at IS NULL) = (stream_sequence IS NULL)')
@Check('revocations_check1', `kind <> 'session' OR session_id IS NOT NULL`)
@Check('revocations_check2', `kind <> 'token' OR token_id IS NOT NULL`)
@Check(
  'revocations_check3',
  `kind <> 'subject' OR (subject IS NOT NULL AND issued_before IS NOT NULL)`,
)
@Check(
  'revocations_check4',
  `kind <> 'client' OR (client_id IS NOT NULL AND issued_before IS NOT NULL)`,
)
@Check('revocations_check5', `kind <> 'key' OR key_id IS NOT NULL`)
export class RevocationEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  kind!: RevocationKind;

  @Column({ type: 'text' })
  trigger!: string;

  @Column({ type: 'text', nullable: true })
  sessionId!: string | null;

  @Column({ type: 'text', nullable: true })
  subject!: string | null;

  @Column({ type: 'text', nullable: true })
  tokenId!: string | null;

  @Column({ type: 'text', nullable: true })
  clientId!: string | null;

  @Column({ type: 'text', nullable: true })
  keyId!: string | null;

  /** A revocation of a subject or client covers tokens with an earlier `iat`. */
  @Column({ type: 'bigint', nullable: true, transformer: bigintAsNumber })
  issuedBefore!: number | null;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  revokedAt!: number;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  expiresAt!: number;

  /** The same moment as `revokedAt`, with a finer resolution. */
  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  publishedAt!: Date | null;

  @Column({ type: 'bigint', nullable: true, transformer: bigintAsNumber })
  streamSequence!: number | null;

  /** The key that signed the event on the stream. Null before publication, and once that key is revoked. */
  @Column({ type: 'text', nullable: true })
  signedBy!: string | null;

  /** Assigned just before publication. */
  @Column({ type: 'bigint', nullable: true, transformer: bigintAsNumber })
  serial!: number | null;

  /** The `traceparent` of the span in which the revocation was written, if traces are on. */
  @Column({ type: 'character varying', length: 55, nullable: true })
  traceparent!: string | null;
}
