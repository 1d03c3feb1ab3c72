import type {
  Money,
  PageQuery,
  Payment,
  PaymentListReply,
  PaymentMethod,
} from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Whose rows are meant: one user's, or (for an admin) everybody's. No subject of a token is null. */
export type Owner = string | null;
export const ANYBODY: Owner = null;

/** A payment that may not be there yet. */
export interface PaymentAttempt {
  readonly userId: string;
  readonly orderId: string;
  readonly amount: Money;
  readonly state: Payment['state'];
  /** None for an order that was cancelled before it was paid. */
  readonly method: PaymentMethod | null;
}

export type StoredPayment = Payment & { readonly method: PaymentMethod | null };

interface PaymentRow {
  id: string;
  user_id: string;
  order_id: string;
  state: Payment['state'];
  amount_minor_units: number;
  currency: string;
  method: PaymentMethod | null;
  created_at: Date;
}

// float8 holds every integer that the column's check lets in; pg gives a bigint as text.
const COLUMNS =
  'id, user_id, order_id, state, amount_minor_units::float8, currency, method, created_at';

const fromRow = (row: PaymentRow): StoredPayment => ({
  id: row.id,
  orderId: row.order_id,
  userId: row.user_id,
  state: row.state,
  amount: { minorUnits: row.amount_minor_units, currency: row.currency },
  method: row.method,
  createdAt: row.created_at.toISOString(),
});

@Injectable()
export class PaymentStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The payment of this order: this one if it is the first, else the one that is there. */
  async insertOnce(attempt: PaymentAttempt): Promise<StoredPayment> {
    const { userId, orderId, state, amount, method } = attempt;
    const [inserted] = await this.dataSource.query<PaymentRow[]>(
      `INSERT INTO payments (user_id, order_id, state, amount_minor_units, currency, method)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (user_id, order_id) DO NOTHING RETURNING ${COLUMNS}`,
      [userId, orderId, state, amount.minorUnits, amount.currency, method],
    );
    if (inserted) return fromRow(inserted);
    const [existing] = await this.dataSource.query<[PaymentRow]>(
      `SELECT ${COLUMNS} FROM payments WHERE user_id = $1 AND order_id = $2`,
      [userId, orderId],
    );
    return fromRow(existing);
  }

  /** Takes effect once, and on what took money only. */
  async refund(id: string): Promise<Payment | undefined> {
    await this.dataSource.query(
      `UPDATE payments SET state = 'refunded' WHERE id = $1 AND state = 'captured'`,
      [id],
    );
    return this.find(id, ANYBODY);
  }

  /** Newest first. */
  async list(owner: Owner, { limit, after }: PageQuery): Promise<PaymentListReply> {
    const rows = await this.dataSource.query<PaymentRow[]>(
      `SELECT ${COLUMNS} FROM payments
       WHERE ($1::text IS NULL OR user_id = $1) AND ($2::uuid IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [owner, after ?? null, limit + 1],
    );
    const payments = rows.slice(0, limit).map((row) => paymentOf(fromRow(row)));
    return { payments, ...(rows.length > limit && { next: payments.at(-1)!.id }) };
  }

  async find(id: string, owner: Owner): Promise<Payment | undefined> {
    const [row] = await this.dataSource.query<PaymentRow[]>(
      `SELECT ${COLUMNS} FROM payments WHERE id = $1 AND ($2::text IS NULL OR user_id = $2)`,
      [id, owner],
    );
    return row && paymentOf(fromRow(row));
  }
}

/** What others see of a payment. */
export const paymentOf = ({ method: _, ...payment }: StoredPayment): Payment => payment;

export const paymentNotFound = () =>
  new ProblemError(404, 'payment_not_found', 'There is no such payment');
