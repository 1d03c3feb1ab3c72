import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { ClientKey } from '../platform/settings.js';
import type { ClientId } from '../platform/ids/stored-id.js';

/** A secret or a public key of a managed client. It is valid as long as its row exists. */
@Entity('client_credentials')
@Index('client_credentials_of_client', ['clientId'])
@Check('client_credentials_one_kind', '(secret_sha256 IS NULL) <> (jwk IS NULL)')
@Check('client_credentials_thumbprint', '(jwk IS NULL) = (key_thumbprint IS NULL)')
export class ClientCredentialEntity {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ type: 'text' })
  // The entity is given by name, because importing its module would make a cycle.
  @ForeignKey('ManagedClientEntity', { onDelete: 'CASCADE' })
  clientId!: ClientId;

  /** The hash in hexadecimal. */
  @Column({ type: 'text', nullable: true })
  secretSha256!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  jwk!: ClientKey['jwk'] | null;

  @Column({ type: 'text', nullable: true })
  keyThumbprint!: string | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
