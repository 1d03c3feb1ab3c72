import type { Refusal } from './order.entity.js';

/** The final state of an order that was refused for a reason other than its payment. */
export const refusedState = ({ code }: Refusal): 'out_of_stock' | 'failed' =>
  code === 'out_of_stock' ? 'out_of_stock' : 'failed';
