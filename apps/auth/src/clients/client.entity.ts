import { bigintAsNumber } from '@latchkey/service-kit';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ClientId } from '../platform/ids/stored-id.js';
import type { ManagedClientEntity } from './managed-client.entity.js';

/** A client that was revoked or managed here at some time. The row stays when the client is removed. */
@Entity('clients')
export class ClientEntity {
  @PrimaryColumn({ type: 'text' })
  id!: ClientId;

  /** NumericDate in seconds. Tokens issued to the client earlier are not valid. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  tokensValidFrom!: number;

  /** SHA-256 hashes, in hexadecimal. */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  revokedSecrets!: string[];

  /** Thumbprints of keys (RFC 7638). */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  revokedKeys!: string[];

  /** Joined by `ClientStore`; absent for a client that is not managed here. */
  managed?: ManagedClientEntity | null;
}
