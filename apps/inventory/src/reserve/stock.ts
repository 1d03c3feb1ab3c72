import type { Line } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import type { EntityManager } from 'typeorm';

export interface UnitPrice {
  readonly minorUnits: number;
  readonly currency: string;
}

/**
 * Takes stock off the shelf, all lines or (by the caller's transaction) none. The condition is in
 * the update itself, so that two buyers of the last unit cannot both pass it; the order of the
 * updates is the same for everybody, so that no two wait for each other.
 *
 * @returns the price of each product
 * @throws ProblemError 409 `out_of_stock` or 422 `unknown_product`, naming the line
 */
export async function takeStock(
  manager: EntityManager,
  lines: readonly Line[],
): Promise<ReadonlyMap<string, UnitPrice>> {
  const prices = new Map<string, UnitPrice>();
  const byProduct = [...lines.entries()].sort(([, a], [, b]) =>
    a.productId < b.productId ? -1 : 1,
  );
  for (const [index, line] of byProduct) {
    const [[price]] = await manager.query<[UnitPrice[], number]>(
      `UPDATE products SET available = available - $2 WHERE id = $1 AND available >= $2
       RETURNING price_minor_units::float8 AS "minorUnits", currency`,
      [line.productId, line.quantity],
    );
    if (!price) throw await refusal(manager, line, index);
    prices.set(line.productId, price);
  }
  return prices;
}

/** Puts a reservation's stock back. The locks are taken in the same order as above. */
export async function returnStock(manager: EntityManager, reservationId: string): Promise<void> {
  await manager.query(
    `SELECT id FROM products
     WHERE id IN (SELECT product_id FROM reservation_lines WHERE reservation_id = $1)
     ORDER BY id FOR UPDATE`,
    [reservationId],
  );
  await manager.query(
    `UPDATE products p SET available = p.available + l.quantity
     FROM reservation_lines l WHERE l.reservation_id = $1 AND p.id = l.product_id`,
    [reservationId],
  );
}

async function refusal(
  manager: EntityManager,
  { productId, quantity }: Line,
  index: number,
): Promise<ProblemError> {
  const [product] = await manager.query<{ name: string; available: number }[]>(
    'SELECT name, available FROM products WHERE id = $1',
    [productId],
  );
  if (!product) {
    return new ProblemError(422, 'unknown_product', 'There is no such product', {
      detail: productId,
      errors: [{ in: 'body', field: `/lines/${index}/productId`, message: 'no such product' }],
    });
  }
  const left = `${product.available} left, ${quantity} wanted`;
  return new ProblemError(409, 'out_of_stock', 'There is not enough stock', {
    detail: `${product.name} (${productId}): ${left}`,
    errors: [{ in: 'body', field: `/lines/${index}/quantity`, message: left }],
  });
}
