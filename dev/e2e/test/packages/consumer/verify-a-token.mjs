/**
 * Runs where only the published packages are installed, with its own issuer, verifier and deny-list.
 * Prints the outcomes of verifying a token before and after its log-out.
 */
import { DenyList } from '@latchkey/deny-list';
import { createVerifier, TokenError, VerifierUnavailableError } from '@latchkey/verifier';
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { e, kty, n } = publicKey.export({ format: 'jwk' });
const kid = createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
const keySet = { keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' }] };
const server = createServer((request, response) => {
  const found = request.url === '/.well-known/jwks.json';
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ? keySet : {}));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const now = Math.floor(Date.now() / 1000);
const segment = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
const issue = (claims) => {
  const input = `${segment({ alg: 'RS256', typ: 'at+jwt', kid })}.${segment({
    iss: issuer,
    sub: 'ada',
    aud: 'orders',
    exp: now + 300,
    iat: now,
    jti: randomUUID(),
    client_id: 'web',
    sid: 'session-1',
    scope: 'orders:read',
    ...claims,
  })}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
};

const denyList = new DenyList();
const verifier = createVerifier({
  issuer,
  audience: 'orders',
  revocations: denyList,
  whenStale: 'refuse',
});
const outcome = async (token) => {
  try {
    const { subject, sessionId, scopes } = await verifier.verify(token);
    return { subject, sessionId, scopes: [...scopes] };
  } catch (error) {
    if (error instanceof TokenError || error instanceof VerifierUnavailableError) return error.code;
    throw error;
  }
};

const token = issue({});
await verifier.loadKeys();
const outcomes = { beforeTheListIsLoaded: await outcome(token) };
denyList.markLoaded();
denyList.applyWatermark({
  issuer,
  timeMilliseconds: Date.now(),
  serials: { from: 1, through: 0 },
  revokedKeys: [],
});
outcomes.valid = await outcome(token);
outcomes.expired = await outcome(issue({ iat: now - 600, exp: now - 300 }));
outcomes.forAnotherAudience = await outcome(issue({ aud: 'payments' }));
denyList.apply({
  kind: 'session',
  id: randomUUID(),
  issuer,
  sessionId: 'session-1',
  revokedAt: now,
  expiresAt: now + 300,
  trigger: 'logout',
});
outcomes.afterLogOut = await outcome(token);
outcomes.ofAnotherSession = await outcome(issue({ sid: 'session-2' }));
console.log(JSON.stringify(outcomes));
verifier.close();
server.close();
server.closeAllConnections();
