import autocannon from 'autocannon';
import type { ClosedLoop, ClosedLoopResult } from './load.js';

/** How often autocannon looks whether it is done. Its default is a second, which each short loop would take. */
const LOOK_MILLISECONDS = 50;

/** Throughput: what a server answers when there is always somebody who waits. */
export async function runClosedLoop(load: ClosedLoop): Promise<ClosedLoopResult> {
  const { urls, seconds, amount, connections, method, requests } = load;
  if (requests.length === 0) throw new Error('there is nothing to send');
  let connected = 0;
  /** Each connection has requests of its own, as far as there are enough. */
  const share = Math.min(connections, requests.length);
  const stopSpinning = spin();
  const result = await autocannon({
    // Its documentation knows several, its types do not.
    url: [...urls] as unknown as string,
    connections,
    duration: seconds,
    sampleInt: LOOK_MILLISECONDS,
    // Its `amount` would set the duration aside.
    ...(amount !== undefined && { maxOverallRequests: amount }),
    method,
    setupClient: (client) => {
      const own = connected++ % share;
      client.setRequests(
        requests
          .filter((_, index) => index % share === own)
          .map((request) => ({ method, ...request })),
      );
    },
  });
  stopSpinning();
  return {
    requests: result['2xx'],
    seconds: result.duration,
    failures: result.non2xx + result.errors + result.timeouts,
  };
}

/**
 * Keeps this process from sleeping when it has caught up. To wake a process on another core costs a
 * server more than to verify a cached token, and only servers that are faster than their load pay it.
 */
function spin(): () => void {
  let spinning = true;
  const turn = () => {
    if (spinning) setImmediate(turn);
  };
  turn();
  return () => {
    spinning = false;
  };
}
