import {
  type JwksServer,
  makeIssuer,
  startJwksServer,
  type TestIssuer,
  TestUser,
} from '@latchkey/testing';
import { call, type LatchkeyStack } from '@latchkey/local-stack';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { sharedStack } from '../../src/shared-stack.js';
import {
  FOREIGN_VERIFIERS,
  type ForeignVerifier,
  type ProtectedServer,
} from './foreign-verifiers-fixture.js';

const AUDIENCE = 'orders';

describe('our access tokens', () => {
  let stack: LatchkeyStack;
  let ada: TestUser;
  beforeAll(async () => {
    stack = await sharedStack();
    ada = await TestUser.register(stack.issuer);
  });

  const freshToken = async () => (await ada.logIn()).access_token;
  /** Adds a scope, and keeps the signature. */
  function tampered(token: string): string {
    const [header, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { scope: string };
    claims.scope += ' orders:admin';
    const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return [header, changed, signature].join('.');
  }

  describe.each(FOREIGN_VERIFIERS)('at a server with $name', ({ protect }) => {
    let server: ProtectedServer;
    beforeAll(async () => {
      server = await protect({ issuer: stack.issuer, audience: AUDIENCE });
    });
    afterAll(() => server?.close());

    const statusOf = async (token: string, url = server.url) => (await call(url, { token })).status;

    it('are accepted', async () => {
      expect(await statusOf(await freshToken())).toBe(200);
    });

    it('are refused if they were tampered with', async () => {
      expect(await statusOf(tampered(await freshToken()))).toBe(401);
    });

    it('are refused for another audience', async () => {
      const audience = 'somebody-else';
      const other = await protect({ issuer: stack.issuer, audience });
      try {
        expect(await statusOf(await freshToken(), other.url)).toBe(401);
      } finally {
        await other.close();
      }
    });

    it('are still accepted after the log-out, while our services refuse them', async () => {
      const token = await freshToken();
      expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
      expect([202, 204]).toContain((await ada.logOut(token)).status);
      await refusedEverywhere(stack, token);
      expect(await statusOf(token)).toBe(200);
    });
  });
});

describe('tokens of a test issuer', () => {
  let keySet: JwksServer;
  let issuer: TestIssuer;
  beforeAll(async () => {
    keySet = await startJwksServer();
    issuer = await makeIssuer({ issuer: keySet.origin, audience: AUDIENCE });
    keySet.serve(issuer);
  });
  afterAll(() => keySet?.close());

  /** The statuses for a valid token, and for the given one. */
  async function answers({ protect }: ForeignVerifier, token: string): Promise<number[]> {
    const server = await protect({ issuer: issuer.issuer, audience: AUDIENCE });
    try {
      const good = await call(server.url, { token: await issuer.makeToken() });
      return [good.status, (await call(server.url, { token })).status];
    } finally {
      await server.close();
    }
  }
  const byKeySet = FOREIGN_VERIFIERS.filter(({ discovers }) => !discovers);
  it.each(byKeySet)('are refused by $name if they have expired', async (verifier) => {
    const now = Math.floor(Date.now() / 1000);
    const expired = await issuer.makeToken({ issuedAt: now - 600, expiresAt: now - 300 });
    expect(await answers(verifier, expired)).toEqual([200, 401]);
  });

  it.each(byKeySet.map((verifier) => ({ anotherType: 401, ...verifier })))(
    'are answered with $anotherType by $name if they have another type',
    async ({ anotherType, ...verifier }) => {
      const event = await issuer.makeToken({ header: { typ: 'secevent+jwt' } });
      expect(await answers(verifier, event)).toEqual([200, anotherType]);
    },
  );
});
