import type { CallWay } from './call-way.js';
import { outcomeOf } from './theft-outcome.js';
import type { CountedOrders, MeasuredWay, Theft } from './tokens-report.js';

/** A sentence for each promise that was broken. */
export const complaintsAbout = (ways: readonly MeasuredWay[]): string[] =>
  ways.flatMap(({ way, counted, thefts }) => [
    ...counted.flatMap((each) => complaintsAboutCounts(way, each)),
    ...thefts.flatMap((theft) => complaintsAboutTheft(way, theft)),
  ]);

/** The exchanges that the orders of some customers may cause: their first ones, and all others. */
const ALLOWED: Readonly<Record<CallWay, (counted: CountedOrders) => readonly [number, number]>> = {
  relay: () => [0, 0],
  exchange: ({ customers }) => [2 * customers, 0],
  transaction: ({ first, next }) => [first.orders, next.orders],
};
/** One for each called service. */
const OWN_TOKENS: Readonly<Record<CallWay, number>> = { relay: 0, exchange: 0, transaction: 2 };

function complaintsAboutCounts(way: CallWay, counted: CountedOrders): string[] {
  const { customers, first, next } = counted;
  const [allowedFirst, allowedNext] = ALLOWED[way](counted);
  const own = first.ownTokens + next.ownTokens;
  const of = (what: string, { orders, exchanges }: typeof first, allowed: number) =>
    exchanges === allowed
      ? []
      : [
          `${way}: the ${what} ${orders} orders of ${customers} customers caused ${exchanges} exchanges instead of ${allowed}`,
        ];
  return [
    ...of('first', first, allowedFirst),
    ...of('next', next, allowedNext),
    ...(own > OWN_TOKENS[way] ? [`${way}: orders got ${own} tokens of its own`] : []),
  ];
}

function complaintsAboutTheft(way: CallWay, theft: Theft): string[] {
  const { letIn, done } = outcomeOf(theft);
  const listed = (attempts: typeof done) =>
    attempts.map(({ service, operation, status }) => `${service}: ${operation} (${status})`);
  const elsewhere = letIn.filter(({ service }) => service !== theft.hop);
  const because: Readonly<Record<CallWay, readonly (readonly [string, typeof done])[]>> = {
    // It is what the other two are compared with, and promises nothing.
    relay: [],
    exchange: [['is accepted elsewhere', elsewhere]],
    transaction: [
      ['is accepted elsewhere', elsewhere],
      ['changes another order', done],
    ],
  };
  return because[way].flatMap(([what, attempts]) =>
    attempts.length === 0
      ? []
      : [`${way}: a token stolen at ${theft.hop} ${what}: ${listed(attempts).join(', ')}`],
  );
}
