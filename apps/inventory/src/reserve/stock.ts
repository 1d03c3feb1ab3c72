import type { Line } from '@latchkey/shop-contracts';
import { ProblemError, returnedEntities } from '@latchkey/service-kit';
import type { EntityManager } from 'typeorm';
import { ProductEntity } from '../products/product.entity.js';

export interface UnitPrice {
  readonly minorUnits: number;
  readonly currency: string;
}

/**
 * Takes all lines off the shelf; the caller's transaction rolls back if one is missing. Each update checks
 * the stock itself, so that two buyers cannot both get the last unit. Products are updated in the order of
 * their ids, so that two baskets cannot deadlock.
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
    const product = await take(manager, line);
    if (!product) throw await refusal(manager, line, index);
    const { priceMinorUnits: minorUnits, currency } = product;
    prices.set(line.productId, { minorUnits, currency });
  }
  return prices;
}

async function take(
  manager: EntityManager,
  { productId: id, quantity }: Line,
): Promise<ProductEntity | undefined> {
  const products = manager.getRepository(ProductEntity);
  const result = await products
    .createQueryBuilder()
    .update()
    .set({ available: () => 'available - :quantity' })
    .where({ id })
    .andWhere('available >= :quantity', { quantity })
    .returning('*')
    .execute();
  return returnedEntities(products, result)[0];
}

/** Raw SQL locks in the same order as `takeStock`, then joins one update with the lines. */
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
  const product = await manager.findOneBy(ProductEntity, { id: productId });
  if (!product) {
    return new ProblemError(422, 'unknown_product', 'The product does not exist', {
      detail: productId,
      errors: [{ in: 'body', field: `/lines/${index}/productId`, message: 'does not exist' }],
    });
  }
  const left = `${product.available} left, ${quantity} wanted`;
  return new ProblemError(409, 'out_of_stock', 'There is not enough stock', {
    detail: `${product.name} (${productId}): ${left}`,
    errors: [{ in: 'body', field: `/lines/${index}/quantity`, message: left }],
  });
}
