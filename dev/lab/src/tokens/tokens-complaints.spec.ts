import { CALL_WAYS, type CallWay } from './call-way.js';
import { complaintsAbout } from './tokens-complaints.js';
import { outcomeOf } from './theft-outcome.js';
import type { Attempt, CountedOrders, MeasuredWay, TokenRequests } from './tokens-report.js';

const requests = (orders: number, exchanges: number, ownTokens = 0): TokenRequests => ({
  orders,
  exchanges,
  ownTokens,
});
/** What each way may cause: 3 customers, 10 orders. */
const GOOD: Readonly<Record<CallWay, CountedOrders>> = {
  relay: { customers: 3, first: requests(3, 0), next: requests(7, 0) },
  exchange: { customers: 3, first: requests(3, 6), next: requests(7, 0) },
  transaction: { customers: 3, first: requests(3, 3, 2), next: requests(7, 7) },
};
const at = (service: string, operation: string, status: number): Attempt => ({
  service,
  operation,
  status,
});
const SOLD = at('inventory', 'POST /reservations/{id}/sell', 200);
const latency = {
  all: { p50: 1, p99: 1, max: 1, samples: 1 },
  medians: { median: 1, min: 1, max: 1 },
};

const measured = (
  way: CallWay,
  attempts: readonly Attempt[] = [],
  counted: CountedOrders = GOOD[way],
): MeasuredWay => ({
  way,
  counted: [counted],
  bytes: { calls: 3, tokens: 1, headers: 1, authFirst: 1, authNext: 1 },
  warm: latency,
  cold: latency,
  thefts: [{ hop: 'inventory', attempts }],
});

describe('complaintsAbout', () => {
  it('finds nothing wrong with what each way promises', () => {
    const refused = [at('payments', 'POST /payments', 401), at('inventory', 'GET /products', 403)];
    expect(complaintsAbout(CALL_WAYS.map((way) => measured(way, refused)))).toEqual([]);
  });

  it.each([
    [
      'relay',
      { first: requests(3, 1) },
      'first 3 orders of 3 customers caused 1 exchanges instead of 0',
    ],
    ['exchange', { first: requests(3, 7) }, 'caused 7 exchanges instead of 6'],
    ['exchange', { first: requests(3, 5) }, 'caused 5 exchanges instead of 6'],
    ['exchange', { next: requests(7, 1) }, 'next 7 orders of 3 customers caused 1 exchanges'],
    ['exchange', { next: requests(7, 0, 1) }, 'got 1 tokens of its own'],
    ['transaction', { next: requests(7, 6) }, 'caused 6 exchanges instead of 7'],
    ['transaction', { next: requests(7, 7, 1) }, 'got 3 tokens of its own'],
  ] as const)('complains about %s with %j', (way, wrong, complaint) => {
    const found = complaintsAbout([measured(way, [], { ...GOOD[way], ...wrong })]);
    expect(found).toEqual([expect.stringContaining(complaint)]);
    expect(found[0]).toMatch(new RegExp(`^${way}: `));
  });

  it.each([
    ['relay', SOLD, []],
    ['relay', at('auth', 'GET /sessions', 200), []],
    ['exchange', SOLD, []],
    ['exchange', at('payments', 'GET /payments', 200), ['is accepted elsewhere']],
    ['exchange', at('auth', 'POST /password', 400), ['is accepted elsewhere']],
    ['transaction', at('inventory', 'POST /reservations/{id}/sell', 404), []],
    ['transaction', at('orders', 'GET /orders', 200), ['is accepted elsewhere']],
    ['transaction', SOLD, ['changes another order']],
  ] as const)('with %s, judges a stolen token that got %j', (way, attempt, complaints) => {
    expect(complaintsAbout([measured(way, [attempt])])).toEqual(
      complaints.map(
        (text) => expect.stringContaining(`a token stolen at inventory ${text}: `) as string,
      ),
    );
  });
});

describe('outcomeOf', () => {
  it('tells refusals from requests that got in, and these from changes', () => {
    const attempts = [
      at('orders', 'GET /orders', 401),
      at('orders', 'POST /orders', 403),
      at('inventory', 'GET /products', 200),
      at('inventory', 'POST /reservations', 409),
      SOLD,
    ];
    const outcome = outcomeOf({ hop: 'inventory', attempts });
    expect(outcome).toEqual({ tried: 5, letIn: attempts.slice(2), done: [SOLD] });
  });
});
