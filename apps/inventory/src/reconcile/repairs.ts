import type { Reservation, SettledState } from '@latchkey/shop-contracts';

/**
 * The action for a reservation once the state of its order is known.
 *
 * - `keep`: they agree, so the reservation is done.
 * - `return_stock`: nobody has paid, so the stock goes back.
 * - `sell`: the order was paid, so the stock is the customer's.
 * - `wait`: somebody is working on the order; ask again.
 * - `report`: one of the two records has gone backward, and only a person can tell which one. Ask again.
 */
export type Repair = 'keep' | 'return_stock' | 'sell' | 'wait' | 'report';

const UNPAID = ['payment_declined', 'out_of_stock', 'failed'] as const;
type Unpaid = (typeof UNPAID)[number];
type Outcome = Exclude<SettledState, Unpaid> | 'refused';

const REPAIRS: Readonly<Record<Reservation['state'], Readonly<Record<Outcome, Repair>>>> = {
  held: { pending: 'wait', paid: 'sell', refused: 'return_stock', unknown: 'return_stock' },
  sold: { pending: 'wait', paid: 'keep', refused: 'return_stock', unknown: 'report' },
  released: { pending: 'wait', paid: 'report', refused: 'keep', unknown: 'keep' },
  expired: { pending: 'wait', paid: 'report', refused: 'keep', unknown: 'keep' },
};

export const repairOf = (reservation: Reservation['state'], order: SettledState): Repair =>
  REPAIRS[reservation][isUnpaid(order) ? 'refused' : order];

const isUnpaid = (order: SettledState): order is Unpaid =>
  (UNPAID as readonly SettledState[]).includes(order);
