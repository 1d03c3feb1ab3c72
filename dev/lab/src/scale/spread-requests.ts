import type { LoadRequest } from '@latchkey/load-generator';

/** What one user asks for: both are sent in turn. */
export type RequestPair = readonly [LoadRequest, LoadRequest];

export function inPairs(requests: readonly LoadRequest[]): RequestPair[] {
  return requests.flatMap((first, index) => {
    const second = requests[index + 1];
    return index % 2 === 0 && second ? [[first, second] as const] : [];
  });
}

/**
 * Requests for so many connections, which go round the targets. A load generator hands the n-th
 * request to connection n, so that without this one target would get all of one kind, and another
 * all of the other: every connection gets both, and every target the same users.
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
