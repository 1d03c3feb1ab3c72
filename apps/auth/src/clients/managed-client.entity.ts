import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { ClientId } from '../platform/ids/stored-id.js';
import type { ClientCredentialEntity } from './client-credential.entity.js';

/** A client that an administrator added at run time. */
@Entity('managed_clients')
@Unique(['foldedId'])
export class ManagedClientEntity {
  @PrimaryColumn({ type: 'text' })
  // The entity is given by name, because importing its module would make a cycle.
  @ForeignKey('ClientEntity')
  id!: ClientId;

  /** The id in lower case. It is unique, because ids that differ only in case would be mistaken for each other. */
  @Column({ type: 'text' })
  foldedId!: string;

  @Column({ type: 'text', array: true })
  scopes!: string[];

  /** Scopes by service; null for all scopes that the service knows. */
  @Column({ type: 'jsonb' })
  exchange!: Readonly<Record<string, string[] | null>>;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  /** Joined by the stores, the oldest first. */
  credentials?: ClientCredentialEntity[];
}
