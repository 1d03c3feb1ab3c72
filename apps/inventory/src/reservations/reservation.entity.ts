import { bigintAsNumber } from '@latchkey/service-kit';
import type { Line, Reservation } from '@latchkey/shop-contracts';
import { Check, Column, Entity, Index, PrimaryColumn, Unique, VirtualColumn } from 'typeorm';

@Entity('reservations')
@Unique(['userId', 'orderId'])
@Index('reservations_of_user', ['userId', 'id'])
@Index('reservations_to_expire', ['expiresAt'], { where: `state = 'held'` })
@Index('reservations_to_reconcile', ['expiresAt'], { where: 'reconciled_at IS NULL' })
@Check('reservations_state_check', `state IN ('held', 'sold', 'released', 'expired')`)
@Check('reservations_total_minor_units_check', 'total_minor_units BETWEEN 0 AND 9007199254740991')
export class ReservationEntity {
  @PrimaryColumn({ type: 'uuid', default: () => 'uuidv7()' })
  id!: string;

  @Column({ type: 'text' })
  userId!: string;

  @Column({ type: 'uuid' })
  orderId!: string;

  @Column({ type: 'text' })
  state!: Reservation['state'];

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  totalMinorUnits!: number;

  @Column({ type: 'char', length: 3 })
  currency!: string;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  /** The time at which it was found to agree with its order, or was repaired. */
  @Column({ type: 'timestamptz', nullable: true })
  reconciledAt!: Date | null;

  /** The time at which a replica last asked orders about it. */
  @Column({ type: 'timestamptz', nullable: true })
  reconcileTriedAt!: Date | null;

  /** A relation would take a second statement for each page of reservations. */
  @VirtualColumn({
    type: 'json',
    query: (reservation) => `
      SELECT json_agg(json_build_object('productId', product_id, 'quantity', quantity,
                                        'unitPrice', unit_price_minor_units) ORDER BY position)
      FROM reservation_lines WHERE reservation_id = ${reservation}.id`,
  })
  lines!: readonly (Line & { readonly unitPrice: number })[];
}
