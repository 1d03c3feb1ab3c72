import { ProductListReply, type PlaceOrderRequest } from '@latchkey/shop-contracts';

/** An order of a product that is always in stock. @param products the answer to `GET /products` */
export function wantedOrder(products: unknown): PlaceOrderRequest {
  const product = ProductListReply.parse(products).products.find(({ sku }) => sku === 'PAD-40');
  if (!product) throw new Error('PAD-40 is not among the products');
  return { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' };
}
