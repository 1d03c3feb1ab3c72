import type { AuditEventName } from '@latchkey/contracts/auth-api';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An event of the audit trail. Rows are only added, and deleted when they are old. */
@Entity('audit_events')
@Index('audit_events_expiry', ['at'])
@Index('audit_events_of_event', ['event', 'id'])
@Index('audit_events_of_subject', ['subject', 'id'], { where: 'subject IS NOT NULL' })
@Index('audit_events_of_client', ['client', 'id'], { where: 'client IS NOT NULL' })
@Index('audit_events_by', ['by', 'id'], { where: 'by IS NOT NULL' })
export class AuditEventEntity {
  /** A UUIDv7 of the same time as `at`, by which events are ordered. */
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** The time by the service's clock, not by the database's. */
  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  event!: AuditEventName;

  @Column({ type: 'text', nullable: true })
  subject!: string | null;

  @Column({ type: 'text', nullable: true })
  client!: string | null;

  @Column({ type: 'text', nullable: true })
  by!: string | null;

  @Column({ type: 'text', nullable: true })
  address!: string | null;

  @Column({ type: 'text', nullable: true })
  requestId!: string | null;

  /** The other fields of the log line. */
  @Column({ type: 'jsonb' })
  details!: Record<string, unknown>;
}
