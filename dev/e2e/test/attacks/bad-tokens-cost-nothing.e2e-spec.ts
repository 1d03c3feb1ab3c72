import {
  call,
  type LatchkeyStack,
  PROTECTED_ROUTES,
  SERVICE_NAMES,
  VERIFYING_REPLICAS,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { generateKeyPair, SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { statusesEverywhere } from '../../src/everywhere.js';
import { sharedStack } from '../../src/shared-stack.js';

/** Promise 7 of the design. */
describe('a flood of bad tokens', () => {
  const FORGED_TOKENS = 300;
  let stack: LatchkeyStack;
  beforeAll(async () => {
    // The cooldown outlasts the test, so each replica may fetch keys for an unknown kid only once.
    stack = await sharedStack();
  });

  async function keySetFetches(): Promise<number> {
    const { body } = await call(`${stack.issuer}/metrics`);
    return String(body)
      .split('\n')
      .filter((line) => line.startsWith('http_requests_total{') && line.includes('jwks.json'))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  async function forgedTokens(): Promise<string[]> {
    const { privateKey } = await generateKeyPair('RS256');
    const now = Math.floor(Date.now() / 1000);
    return Promise.all(
      Array.from({ length: FORGED_TOKENS }, () =>
        new SignJWT({ client_id: 'latchkey-web', scope: 'orders:read', sid: randomUUID() })
          .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: randomUUID() })
          .setIssuer(stack.issuer)
          .setAudience([...SERVICE_NAMES, stack.issuer])
          .setSubject(randomUUID())
          .setJti(randomUUID())
          .setIssuedAt(now)
          .setExpirationTime(now + 300)
          .sign(privateKey),
      ),
    );
  }

  it('makes each replica fetch keys at most once, and never affects a valid token', async () => {
    const ada = await TestUser.register(stack.issuer);
    const { access_token: good } = await ada.logIn();
    const forged = await forgedTokens();
    const before = await keySetFetches();
    for (const token of forged) {
      const [bad, fine] = await Promise.all([
        statusesEverywhere(stack, token),
        statusesEverywhere(stack, good),
      ]);
      expect(new Set(bad)).toEqual(new Set([401]));
      expect(new Set(fine)).toEqual(new Set([200]));
    }
    // Each replica may also be due to refresh its keys.
    expect((await keySetFetches()) - before).toBeLessThanOrEqual(2 * VERIFYING_REPLICAS.length);
  });

  it.each([
    ['an empty token', ''],
    ['not a JWT', 'a'],
    ['an unsigned token', 'eyJhbGciOiJub25lIn0.e30.'],
    ['a token that is too long', 'a'.repeat(9_000)],
    ['not base64url', '####.####.####'],
  ])('is answered with 401: %s', async (_, token) => {
    for (const name of VERIFYING_REPLICAS) {
      const url = stack.replicas[name].url + PROTECTED_ROUTES[name];
      const { status, headers } = await call(url, { token });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });
});
