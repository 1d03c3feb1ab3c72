/**
 * Run as a process of its own: `node flooding-process.js <url of auth>`. Until it is ended, for a minute
 * at most, it refreshes with tokens that nobody was ever given, on as many connections as one machine
 * can be expected to open. None of it needs an account.
 */
import autocannon from 'autocannon';
import { randomBytes } from 'node:crypto';

const CONNECTIONS = 200;
const LONGEST_SECONDS = 60;

const [url = ''] = process.argv.slice(2);
await autocannon({
  url: `${url}/oauth/token`,
  connections: CONNECTIONS,
  duration: LONGEST_SECONDS,
  requests: [
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      setupRequest: (request) => ({ ...request, body: inventedRefresh() }),
    },
  ],
});

function inventedRefresh(): string {
  return new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'latchkey-web',
    refresh_token: randomBytes(32).toString('base64url'),
  }).toString();
}
