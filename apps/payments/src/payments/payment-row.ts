import type { Payment } from '@latchkey/contracts/shop-api';
import { ProblemError } from '@latchkey/service-kit';

export interface PaymentRow {
  id: string;
  user_id: string;
  order_id: string;
  state: Payment['state'];
  amount_minor_units: number;
  currency: string;
  method: string | null;
  created_at: Date;
}

// float8 holds every integer that the column's check lets in; pg gives a bigint as text.
export const COLUMNS = `id, user_id, order_id, state, amount_minor_units::float8, currency, method,
  created_at`;

export const fromRow = (row: PaymentRow): Payment => ({
  id: row.id,
  orderId: row.order_id,
  userId: row.user_id,
  state: row.state,
  amount: { minorUnits: row.amount_minor_units, currency: row.currency },
  createdAt: row.created_at.toISOString(),
});

export const paymentNotFound = () =>
  new ProblemError(404, 'payment_not_found', 'There is no such payment');
