import type { Line, Reservation } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import type { EntityManager } from 'typeorm';

/** Whose rows are meant: one user's, or (for an admin) everybody's. No subject of a token is null. */
export type Owner = string | null;
export const ANYBODY: Owner = null;

interface ReservationRow {
  id: string;
  user_id: string;
  order_id: string;
  state: Reservation['state'];
  total_minor_units: number;
  currency: string;
  expires_at: Date;
  lines: (Line & { unitPrice: number })[];
}

// float8 holds every integer that the columns' checks let in; pg gives a bigint as text.
const SELECT = `
  SELECT r.id, r.user_id, r.order_id, r.state, r.total_minor_units::float8, r.currency, r.expires_at,
    (SELECT json_agg(json_build_object('productId', l.product_id, 'quantity', l.quantity,
                                       'unitPrice', l.unit_price_minor_units) ORDER BY l.position)
     FROM reservation_lines l WHERE l.reservation_id = r.id) AS lines
  FROM reservations r`;

function fromRow(row: ReservationRow): Reservation {
  const { currency } = row;
  return {
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    state: row.state,
    lines: row.lines.map(({ unitPrice, ...line }) => ({
      ...line,
      unitPrice: { minorUnits: unitPrice, currency },
    })),
    total: { minorUnits: row.total_minor_units, currency },
    expiresAt: row.expires_at.toISOString(),
  };
}

/** Newest first. */
export async function selectPage(
  manager: EntityManager,
  owner: Owner,
  after: string | undefined,
  count: number,
): Promise<Reservation[]> {
  const rows = await manager.query<ReservationRow[]>(
    `${SELECT} WHERE ($1::text IS NULL OR r.user_id = $1) AND ($2::uuid IS NULL OR r.id < $2)
     ORDER BY r.id DESC LIMIT $3`,
    [owner, after ?? null, count],
  );
  return rows.map(fromRow);
}

/** @throws ProblemError 404, also for a reservation of somebody else */
export async function selectOne(
  manager: EntityManager,
  id: string,
  owner: Owner,
  { lock = false } = {},
): Promise<Reservation> {
  const [row] = await manager.query<ReservationRow[]>(
    `${SELECT} WHERE r.id = $1 AND ($2::text IS NULL OR r.user_id = $2)
     ${lock ? 'FOR UPDATE OF r' : ''}`,
    [id, owner],
  );
  if (!row) throw new ProblemError(404, 'reservation_not_found', 'There is no such reservation');
  return fromRow(row);
}

/** The reservation of an order, locked. */
export async function selectOfOrder(
  manager: EntityManager,
  userId: string,
  orderId: string,
): Promise<Reservation | undefined> {
  const [row] = await manager.query<ReservationRow[]>(
    `${SELECT} WHERE r.user_id = $1 AND r.order_id = $2 FOR UPDATE OF r`,
    [userId, orderId],
  );
  return row && fromRow(row);
}

export async function setState(
  manager: EntityManager,
  id: string,
  state: Reservation['state'],
): Promise<void> {
  await manager.query('UPDATE reservations SET state = $2 WHERE id = $1', [id, state]);
}
