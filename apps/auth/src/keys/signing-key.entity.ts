import type { PublicSigningJwk, SigningKeyState } from '@latchkey/issuer';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('signing_keys')
// These indexes settle races between replicas that start or rotate at the same time.
@Index('signing_keys_one_active', ['state'], { unique: true, where: `state = 'active'` })
@Index('signing_keys_one_pending', ['state'], { unique: true, where: `state = 'pending'` })
@Check(
  'signing_keys_state_check',
  `state IN ('pending', 'active', 'retiring', 'retired', 'revoked')`,
)
@Check(
  'signing_keys_check',
  `(encrypted_private_key IS NOT NULL) = (state IN ('pending', 'active'))`,
)
export class SigningKeyEntity {
  @PrimaryColumn({ type: 'text' })
  kid!: string;

  @Column({ type: 'text' })
  state!: SigningKeyState;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  stateSince!: Date;

  @Column({ type: 'jsonb' })
  publicJwk!: PublicSigningJwk;

  /** Null once the key no longer signs. */
  @Column({ type: 'bytea', nullable: true })
  encryptedPrivateKey!: Buffer | null;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
