import type { PaymentMethod } from '@latchkey/shop-contracts';

/**
 * A payment processor for tests and demonstrations. It moves no money, and decides by the method's name alone. A real
 * processor would get the order's id as its idempotency key.
 */
export function chargeTestCard(method: PaymentMethod): 'captured' | 'declined' {
  return method === 'test-card' ? 'captured' : 'declined';
}
