import type { PaymentMethod } from '@latchkey/shop-contracts';

/**
 * A payment processor for tests and demonstrations, the only one that there is here: it moves no
 * money and decides by the method's name alone, always alike. A real one would be given the order's
 * id as its own idempotency key.
 */
export function chargeTestCard(method: PaymentMethod): 'captured' | 'declined' {
  return method === 'test-card' ? 'captured' : 'declined';
}
