import type { ClientReply } from '@latchkey/contracts/auth-api';

type Exchange = ClientReply['exchange'];

/** One service in each line, with its scopes behind it; none stands for all of them. */
export const exchangeText = (exchange: Exchange): string =>
  Object.entries(exchange)
    .map(([service, scopes]) => [service, ...(scopes ?? [])].join(' '))
    .join('\n');

/** The reverse of {@link exchangeText}. A service that is named twice gets the scopes of both lines. */
export function exchangeOf(text: string): Exchange {
  const exchange = new Map<string, string[] | null>();
  for (const line of text.split('\n')) {
    const [service, ...scopes] = line.split(/[\s,]+/).filter((word) => word !== '');
    if (service === undefined) continue;
    const before = exchange.get(service);
    const isAll = before === null || scopes.length === 0;
    exchange.set(service, isAll ? null : [...new Set([...(before ?? []), ...scopes])]);
  }
  return Object.fromEntries(exchange);
}
