/**
 * Floods auth with refreshes: `node flooding-process.js <url of auth>`. It presents invented refresh
 * tokens on many connections, until it is killed or for at most a minute. An attacker needs no account.
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
