import { bigintAsNumber } from '@latchkey/service-kit';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A client assertion that authenticated its client, and cannot do so again. */
@Entity('used_assertions')
@Index('used_assertions_expiry', ['expiresAt'])
export class UsedAssertionEntity {
  @PrimaryColumn({ type: 'text' })
  clientId!: string;

  /** Hashed, because clients choose their `jti` freely. */
  @PrimaryColumn({ type: 'bytea' })
  jtiHash!: Buffer;

  /** The assertion's `exp`: a NumericDate in seconds. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  expiresAt!: number;
}
