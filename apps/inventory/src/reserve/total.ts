import type { Line, Money } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import type { UnitPrice } from './stock.js';

/**
 * Adds up the prices of the lines.
 *
 * @throws ProblemError 422 for several currencies, or a total that a number cannot hold exactly
 */
export function totalOf(lines: readonly Line[], prices: ReadonlyMap<string, UnitPrice>): Money {
  const currencies = new Set([...prices.values()].map(({ currency }) => currency));
  const [currency] = currencies;
  if (currency === undefined || currencies.size > 1) {
    throw new ProblemError(
      422,
      'several_currencies',
      'The products are sold in several currencies',
    );
  }
  // A product of two exact numbers may not be exact, so the sum uses BigInt.
  const total = lines.reduce(
    (sum, { productId, quantity }) =>
      sum + BigInt(prices.get(productId)!.minorUnits) * BigInt(quantity),
    0n,
  );
  if (total > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProblemError(422, 'total_too_large', 'The total is larger than any payment can be');
  }
  return { minorUnits: Number(total), currency };
}
