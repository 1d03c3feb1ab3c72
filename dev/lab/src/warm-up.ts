import type { LoadGenerator, LoadRequest } from '@latchkey/load-generator';

const CONNECTIONS = 4;
const REQUESTS = 300;
/** Upper limit. */
const SECONDS = 20;

/** Runs a closed loop first: code is much slower until it is compiled, and an open loop would only queue up. */
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
