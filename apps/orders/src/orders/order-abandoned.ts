import type { Refusal } from './order.entity.js';

/** The refusal of an order whose user did not come back to finish it. */
export const ORDER_ABANDONED: Refusal = {
  status: 409,
  code: 'order_abandoned',
  title: 'The order was not finished in time',
  detail: 'Nothing is charged, and a charge was refunded. Place a new order with another key.',
};
