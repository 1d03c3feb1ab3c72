import { send } from './timed-request.js';

/** Asking auth how many requests it had is one itself, and so are the probes of the starter. */
const NOT_COUNTED = /route="(\/metrics|\/health\/[a-z]+)"/;

/** How many requests auth has answered since it started, by its own count. */
export async function countAuthRequests(authUrl: string): Promise<number> {
  const { body } = await send(`${authUrl}/metrics`);
  return String(body)
    .split('\n')
    .filter((line) => line.startsWith('http_requests_total{') && !NOT_COUNTED.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
