import { live } from '../../../texts/live.js';
import { call, textIn, type Answer } from '../calls/call.js';
import { failureOf, type Asked } from '../calls/failure.js';
import type { ReplicaAddress } from '../replicas/replica.js';

/** The replicas that the browser calls to place an order. */
export interface Shop {
  readonly orders: ReplicaAddress;
  readonly inventory: ReplicaAddress;
}

/** What became of an order. */
export interface OrderOutcome {
  readonly isPlaced: boolean;
  /** A sentence. */
  readonly text: string;
}

interface Product {
  readonly id: string;
  readonly name: string;
  readonly available: number;
}

/** Orders one unit of the first product that is in stock. */
export async function placeOrder(
  { orders, inventory }: Shop,
  token: string,
): Promise<OrderOutcome> {
  const listed = await call(`${inventory.url}/products`, { token });
  if (listed.status !== 200) return notPlaced(listed, { server: inventory.name, isHarmless: true });
  const product = productsIn(listed).find(({ available }) => available > 0);
  if (!product) return { isPlaced: false, text: `${live.failure.order}: ${live.chain.soldOut}` };
  const placed = await call(`${orders.url}/orders`, {
    token,
    // A repetition after a lost answer must not order twice.
    headers: { 'idempotency-key': crypto.randomUUID() },
    json: { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' },
  });
  if (placed.status !== 201) return notPlaced(placed, { server: orders.name });
  return { isPlaced: true, text: live.chain.placed(product.name, textIn(placed, 'state') ?? '') };
}

const productsIn = ({ body }: Answer): readonly Product[] =>
  (body as { products?: readonly Product[] } | undefined)?.products ?? [];

const notPlaced = (answer: Answer, asked: Asked): OrderOutcome => ({
  isPlaced: false,
  text: failureOf(answer, live.failure.order, asked),
});
