import { ProductListReply, type PlaceOrderRequest } from '@latchkey/shop-contracts';

/** An order of one thing that is always in stock. @param products what `GET /products` answered */
export function wantedOrder(products: unknown): PlaceOrderRequest {
  const product = ProductListReply.parse(products).products.find(({ sku }) => sku === 'PAD-40');
  if (!product) throw new Error('there is no PAD-40 among the products');
  return { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' };
}
