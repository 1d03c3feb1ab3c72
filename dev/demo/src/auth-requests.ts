import { call } from '@latchkey/local-stack';

/** Health checks of the stack, and the requests for the metrics themselves. */
const NOT_COUNTED = /route="(\/metrics|\/health\/[a-z]+)"/;

/** The number of requests that auth has answered since it started, according to its metrics. */
export async function countAuthRequests(authUrl: string): Promise<number> {
  const { body } = await call(`${authUrl}/metrics`);
  return String(body)
    .split('\n')
    .filter((line) => line.startsWith('http_requests_total{') && !NOT_COUNTED.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
