import type { LoadRequest } from '@latchkey/load-generator';

/** The requests of one user, which are sent in turn. */
export type RequestPair = readonly [LoadRequest, LoadRequest];

export function inPairs(requests: readonly LoadRequest[]): RequestPair[] {
  return requests.flatMap((first, index) => {
    const second = requests[index + 1];
    return index % 2 === 0 && second ? [[first, second] as const] : [];
  });
}

/**
 * Orders requests so that every connection gets both requests of a pair, and every target the same
 * users. The load generator gives the n-th request to connection n, and connections go round the
 * targets, so unordered requests would send one kind to one target and the other kind to another.
 */
export function spreadRequests(
  pairs: readonly RequestPair[],
  { connections, targets }: { readonly connections: number; readonly targets: number },
): LoadRequest[] {
  const pairOf = (connection: number) => {
    const pair = pairs[Math.floor(connection / targets) % pairs.length];
    if (!pair) throw new RangeError('there is nothing to send');
    return pair;
  };
  const each = Array.from({ length: connections }, (_, connection) => pairOf(connection));
  return [...each.map(([first]) => first), ...each.map(([, second]) => second)];
}
