import { bigintAsNumber } from '@latchkey/service-kit';
import type { Payment, PaymentMethod } from '@latchkey/shop-contracts';
import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('payments')
// An order is charged once, however often and from wherever the charge is requested.
@Unique(['userId', 'orderId'])
@Index('payments_of_user', ['userId', 'id'])
@Check('payments_state_check', `state IN ('captured', 'declined', 'refunded', 'cancelled')`)
@Check('payments_amount_minor_units_check', 'amount_minor_units BETWEEN 0 AND 9007199254740991')
@Check('payments_check', `method IS NOT NULL OR state = 'cancelled'`)
export class PaymentEntity {
  @PrimaryColumn({ type: 'uuid', default: () => 'uuidv7()' })
  id!: string;

  @Column({ type: 'text' })
  userId!: string;

  @Column({ type: 'uuid' })
  orderId!: string;

  @Column({ type: 'text' })
  state!: Payment['state'];

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  amountMinorUnits!: number;

  @Column({ type: 'char', length: 3 })
  currency!: string;

  /** Null for an order that was cancelled before it was paid. */
  @Column({ type: 'text', nullable: true })
  method!: PaymentMethod | null;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
