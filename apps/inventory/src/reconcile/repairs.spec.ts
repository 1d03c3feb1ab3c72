import { Reservation, SettledState } from '@latchkey/shop-contracts';
import { repairOf, type Repair } from './repairs.js';

type Row = readonly [Reservation['state'], readonly Repair[]];

const ORDERS: readonly SettledState[] = [
  ...(['pending', 'paid', 'payment_declined'] as const),
  ...(['out_of_stock', 'failed', 'unknown'] as const),
];
const back = 'return_stock';
const EXPECTED: readonly Row[] = [
  // pending, paid, payment_declined, out_of_stock, failed, unknown
  ['held', ['wait', 'sell', back, back, back, back]],
  ['sold', ['wait', 'keep', back, back, back, 'report']],
  ['released', ['wait', 'report', 'keep', 'keep', 'keep', 'keep']],
  ['expired', ['wait', 'report', 'keep', 'keep', 'keep', 'keep']],
];

describe('the repair of a reservation', () => {
  it('is defined for every pair of states', () => {
    expect(EXPECTED.map(([state]) => state)).toEqual(Reservation.shape.state.options);
    expect(ORDERS).toEqual(SettledState.options);
  });

  it.each(EXPECTED)('that is %s', (reservation, repairs) => {
    expect(ORDERS.map((order) => repairOf(reservation, order))).toEqual(repairs);
  });
});
