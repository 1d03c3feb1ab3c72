import type { Reservation, SettledState } from '@latchkey/shop-contracts';

/**
 * What to do with a reservation once the state of its order is known.
 *
 * - `keep`: they agree, so the reservation is done.
 * - `return_stock`: nobody has paid, so the stock goes back.
 * - `sell`: the order was paid, so the stock is the customer's.
 * - `wait`: somebody is working on the order; ask again.
 * - `report`: one of the two records has gone backward, and only a person can tell which one. Ask again.
 */
export type Repair = 'keep' | 'return_stock' | 'sell' | 'wait' | 'report';

const UNPAID = { payment_declined: 'refused', out_of_stock: 'refused', failed: 'refused' } as const;
type Outcome = Exclude<SettledState, keyof typeof UNPAID> | 'refused';

const REPAIRS: Readonly<Record<Reservation['state'], Readonly<Record<Outcome, Repair>>>> = {
  held: { pending: 'wait', paid: 'sell', refused: 'return_stock', unknown: 'return_stock' },
  sold: { pending: 'wait', paid: 'keep', refused: 'return_stock', unknown: 'report' },
  released: { pending: 'wait', paid: 'report', refused: 'keep', unknown: 'keep' },
  expired: { pending: 'wait', paid: 'report', refused: 'keep', unknown: 'keep' },
};

export function repairOf(reservation: Reservation['state'], order: SettledState): Repair {
  return REPAIRS[reservation][outcomeOf(order)];
}

function outcomeOf(order: SettledState): Outcome {
  switch (order) {
    case 'payment_declined':
    case 'out_of_stock':
    case 'failed':
      return UNPAID[order];
    default:
      return order;
  }
}
