import type { Payment, PaymentMethod } from '@latchkey/contracts/shop-api';

const ANSWERS = {
  'test-card': 'captured',
  'declined-card': 'declined',
} as const satisfies Record<PaymentMethod, Payment['state']>;

/**
 * Stands where a payment processor would: moves no money and always answers the same to the same
 * method. A real one would be called with the order's id as its own idempotency key.
 */
export const chargeTestProcessor = (method: PaymentMethod): 'captured' | 'declined' =>
  ANSWERS[method];
