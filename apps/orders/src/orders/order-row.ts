import type { Problem } from '@latchkey/contracts';
import type { Money, Order, PaymentMethod } from '@latchkey/shop-contracts';

/** Why an order will never be paid: what its caller was told, and is told again. */
export type Refusal = Pick<Problem, 'status' | 'code' | 'title' | 'detail' | 'errors'>;

export interface OrderRow {
  id: string;
  user_id: string;
  request_hash: string;
  payment_method: PaymentMethod;
  state: Order['state'];
  lines: Order['lines'];
  total_minor_units: number | null;
  currency: string | null;
  /** A charge was sent, and may have arrived whatever was heard of it. */
  payment_attempted: boolean;
  /** Decided, also while the order is pending because its payment could not be undone yet. */
  refusal: Refusal | null;
  /** Counts who worked on the order; what an earlier one still writes is ignored. */
  attempt: number;
  created_at: Date;
}

// float8 holds every integer that the column's check lets in; pg gives a bigint as text.
export const COLUMNS = `id, user_id, request_hash, payment_method, state, lines,
  total_minor_units::float8, currency, payment_attempted, refusal, attempt, created_at`;

export const totalOf = (row: OrderRow): Money | undefined =>
  row.total_minor_units === null || row.currency === null
    ? undefined
    : { minorUnits: row.total_minor_units, currency: row.currency };

export function fromRow(row: OrderRow): Order {
  const total = totalOf(row);
  return {
    id: row.id,
    userId: row.user_id,
    state: row.state,
    lines: row.lines,
    ...(total && { total }),
    createdAt: row.created_at.toISOString(),
  };
}
