import autocannon from 'autocannon';
import type { ClosedLoop, ClosedLoopResult } from './load.js';

/** How often autocannon checks whether it is done. With its default, every loop takes a second. */
const SAMPLE_MILLISECONDS = 50;

/** Measures throughput: every connection always has a request in flight. */
export async function runClosedLoop(load: ClosedLoop): Promise<ClosedLoopResult> {
  if (load.requests.length === 0) throw new Error('a load needs at least one request');
  const stopSpinning = spin();
  try {
    const result = await runAutocannon(load);
    return {
      requests: result['2xx'],
      seconds: result.duration,
      failures: result.non2xx + result.errors + result.timeouts,
    };
  } finally {
    stopSpinning();
  }
}

function runAutocannon(load: ClosedLoop) {
  const { urls, seconds, amount, connections, method, requests } = load;
  let connected = 0;
  /** Connections do not share requests, as far as there are enough. */
  const share = Math.min(connections, requests.length);
  return autocannon({
    // autocannon accepts several URLs, but its types do not.
    url: [...urls] as unknown as string,
    connections,
    duration: seconds,
    sampleInt: SAMPLE_MILLISECONDS,
    // With `amount`, autocannon would ignore the duration.
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
}

/**
 * Keeps this process from sleeping between answers. Waking it from another core costs a server more
 * than verifying a cached token, and only servers that are faster than their load would pay for it.
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
