import { bigintAsNumber } from '@latchkey/service-kit';
import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A lifetime that tokens were issued with. */
@Entity('token_lifetimes')
@Check('token_lifetimes_lifetime_seconds_check', 'lifetime_seconds > 0')
export class TokenLifetimeEntity {
  @PrimaryColumn({ type: 'integer' })
  lifetimeSeconds!: number;

  /** The latest `iat` of tokens that may have been issued with it, in seconds since 1970. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  issuedUntil!: number;
}
