import type { Problem } from '@latchkey/contracts';
import { bigintAsNumber } from '@latchkey/service-kit';
import type { Order, PaymentMethod } from '@latchkey/shop-contracts';
import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** Why an order will never be paid. Repeated requests get the same answer. */
export type Refusal = Pick<Problem, 'status' | 'code' | 'title' | 'detail' | 'errors'>;

@Entity('orders')
@Unique(['userId', 'idempotencyKey'])
@Index('orders_of_user', ['userId', 'id'])
@Index('orders_unfinished', ['leasedUntil'], {
  where: `state = 'pending' AND NOT payment_attempted`,
})
@Check(
  'orders_state_check',
  `state IN ('pending', 'paid', 'payment_declined', 'out_of_stock', 'failed')`,
)
@Check('orders_total_minor_units_check', 'total_minor_units BETWEEN 0 AND 9007199254740991')
@Check('orders_check', '(total_minor_units IS NULL) = (currency IS NULL)')
@Check('orders_check1', 'total_minor_units IS NOT NULL OR NOT payment_attempted')
export class OrderEntity {
  @PrimaryColumn({ type: 'uuid', default: () => 'uuidv7()' })
  id!: string;

  @Column({ type: 'text' })
  userId!: string;

  @Column({ type: 'text' })
  idempotencyKey!: string;

  /** Tells a repeated request from another one with the same key. */
  @Column({ type: 'text' })
  requestHash!: string;

  @Column({ type: 'text' })
  paymentMethod!: PaymentMethod;

  @Column({ type: 'text' })
  state!: Order['state'];

  @Column({ type: 'jsonb' })
  lines!: Order['lines'];

  @Column({ type: 'bigint', nullable: true, transformer: bigintAsNumber })
  totalMinorUnits!: number | null;

  @Column({ type: 'char', length: 3, nullable: true })
  currency!: string | null;

  /** A charge was sent; it may have arrived even if no answer came back. */
  @Column({ type: 'boolean', default: false })
  paymentAttempted!: boolean;

  /** Also set while the order is pending because its payment could not be undone yet. */
  @Column({ type: 'jsonb', nullable: true })
  refusal!: Refusal | null;

  /** Fencing token: the order ignores writes of earlier attempts. */
  @Column({ type: 'integer', default: 1 })
  attempt!: number;

  @Column({ type: 'timestamptz' })
  leasedUntil!: Date;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
