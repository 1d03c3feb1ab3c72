import type { LoadGenerator, LoadRequest } from '@latchkey/load-generator';

const CONNECTIONS = 4;
const REQUESTS = 300;
/** At most. */
const SECONDS = 20;

/** Code that has not run yet takes many times what it takes later: an open loop at once would only pile up. */
export async function warmUp(
  load: LoadGenerator,
  url: string,
  requests: readonly LoadRequest[],
): Promise<void> {
  const amount = { amount: REQUESTS, seconds: SECONDS };
  await load.closedLoop({
    urls: [url],
    requests,
    connections: CONNECTIONS,
    method: 'GET',
    ...amount,
  });
}
