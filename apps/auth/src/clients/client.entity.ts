import { bigintAsNumber } from '@latchkey/service-kit';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ClientId } from '../platform/ids/stored-id.js';

/** A client that was revoked at some time. The configuration says which clients there are. */
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
}
