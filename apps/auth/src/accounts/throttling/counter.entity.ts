import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A throttle counter of an account, an address or a pair of both. */
@Entity('login_throttle')
// The housekeeper uses this index on greatest(touched_at, familiar_until, blocked_until).
@Index('login_throttle_expiry', { synchronize: false })
export class CounterEntity {
  /** Holds a hash, because people type passwords into name fields. */
  @PrimaryColumn({ type: 'bytea' })
  key!: Buffer;

  @Column({ type: 'integer', default: 0 })
  failures!: number;

  @Column({ type: 'timestamptz', default: '-infinity' })
  blockedUntil!: Date | number;

  @Column({ type: 'boolean', default: false })
  hasTurn!: boolean;

  @Column({ type: 'timestamptz', default: '-infinity' })
  familiarUntil!: Date | number;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  touchedAt!: Date;
}
