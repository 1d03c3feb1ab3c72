import { ACCESS_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import { makeToken } from '@latchkey/testing';
import { claimsOf } from '../../../test/auth-fixture.js';
import { NARROW_POLICY, useExchanges } from '../../../test/token-exchange-fixture.js';
import { WRONG_EXCHANGES } from '../../../test/wrong-exchanges.js';

describe('with a table of audiences and a policy', () => {
  const exchanges = useExchanges(['ada'], NARROW_POLICY);
  const tokenOf = async (username = 'ada') => (await exchanges.auth.logIn(username)).access_token;

  describe('an exchange', () => {
    it.each<[Record<string, string>, string[], string]>([
      [{ audience: 'inventory' }, ['inventory'], 'inventory:read inventory:write payments:read'],
      [{ resource: 'payments' }, ['payments'], 'payments:write'],
      [{ audience: 'inventory', scope: 'inventory:read' }, ['inventory'], 'inventory:read'],
      [
        { audience: 'inventory', resource: 'payments' },
        ['payments', 'inventory'],
        'inventory:read inventory:write payments:write',
      ],
      [{}, ['inventory', 'payments', 'shipping'], 'inventory:read inventory:write payments:write'],
    ])('with %j is for %j with %j', async (form, aud, scope) => {
      const subjectToken = await tokenOf();
      const parent = claimsOf(subjectToken);
      const { status, body } = await exchanges.ask('orders', subjectToken, form);
      expect({ status, scope: body['scope'] }).toEqual({ status: 200, scope });
      const { exp, jti, ...child } = claimsOf(body.access_token);
      const { exp: parentExp, jti: parentJti, ...kept } = parent;
      const changed = { client_id: 'orders', act: { sub: 'orders' }, aud, scope };
      expect(child).toEqual({ ...kept, ...changed, iat: expect.any(Number) });
      expect(exp).toBeLessThanOrEqual(parentExp);
      expect(exp).toBeGreaterThan(child.iat);
      expect(jti).not.toBe(parentJti);
    });

    it('keeps what the next service knows, and no more, along a chain', async () => {
      const first = await exchanges.exchange('orders', await tokenOf(), { audience: 'inventory' });
      const second = await exchanges.exchange('inventory', first, { audience: 'payments' });
      expect(claimsOf(second)).toMatchObject({
        aud: ['payments'],
        scope: 'payments:read',
        client_id: 'inventory',
        act: { sub: 'inventory', act: { sub: 'orders' } },
      });
      // The token for inventory has no scope of orders, so inventory cannot get one back.
      expect(await exchanges.ask('inventory', first, { audience: 'orders' })).toMatchObject({
        status: 400,
        body: {
          error: 'invalid_scope',
          error_description: 'None of the scopes of the subject token is known at orders',
        },
      });
    });
  });

  it.each<[Record<string, string>, string[], string]>([
    [
      {},
      ['orders', 'inventory', 'payments', 'shipping'],
      'orders:read inventory:read inventory:write',
    ],
    [{ audience: 'inventory' }, ['inventory'], 'inventory:read inventory:write'],
    [{ resource: 'orders' }, ['orders'], 'orders:read'],
    [{ audience: 'inventory', scope: 'inventory:read' }, ['inventory'], 'inventory:read'],
    [
      { audience: 'inventory', resource: 'orders' },
      ['orders', 'inventory'],
      'orders:read inventory:read inventory:write',
    ],
  ])("a client's own token with %j is for %j with %j", async (form, aud, scope) => {
    const { status, body } = await exchanges.asClient('robot', form);
    expect({ status, scope: body['scope'] }).toEqual({ status: 200, scope });
    expect(claimsOf(body.access_token)).toMatchObject({ aud, scope });
  });

  it.each<[Record<string, string>, string, string]>([
    [
      { audience: 'payments' },
      'invalid_scope',
      'None of the scopes of the client is known at payments',
    ],
    [
      { audience: 'inventory', scope: 'orders:read' },
      'invalid_scope',
      'The scope exceeds what can be granted: inventory:read inventory:write',
    ],
    [{ audience: 'unknown' }, 'invalid_target', 'The requested service is unknown'],
    [{ audience: 'Inventory' }, 'invalid_target', 'The requested service is unknown'],
  ])("a client's own token with %j is refused with %s", async (form, error, description) => {
    expect(await exchanges.asClient('robot', form)).toMatchObject({
      status: 400,
      body: { error, error_description: description },
    });
  });

  /** Everything that an exchange can get wrong, one parameter at a time. */
  describe('bad input', () => {
    const good = { audience: 'inventory', subject_token: '' };
    const forged = async (claims: object, issuedAt?: number) => {
      const { sub, sid, auth_time: authTime } = claimsOf(await tokenOf());
      const request = { subject: sub, sessionId: sid, authTime, clientId: 'latchkey-web' };
      return exchanges.forge({ ...request, scopes: ['inventory:read'], ...claims }, issuedAt);
    };
    const actors = (count: number): object =>
      count === 0 ? { sub: 'edge' } : { sub: `hop-${count}`, act: actors(count - 1) };
    const NOT_LIVE = 'The subject token is not a live token of a user for this client';

    it.each<[string, Record<string, string>, (() => Promise<string>) | undefined, string, string]>([
      ...WRONG_EXCHANGES,
      [
        'subject token without scopes',
        {},
        () => forged({ scopes: [] }),
        'invalid_scope',
        'The subject token has no scopes that could be granted',
      ],
      [
        'subject token of a foreign issuer',
        {},
        () => makeToken({ claims: { aud: ['orders'], iss: 'https://foreign.example' } }),
        'invalid_request',
        NOT_LIVE,
      ],
      [
        'subject token that has expired',
        {},
        () => forged({}, Date.now() - 400_000),
        'invalid_request',
        NOT_LIVE,
      ],
      [
        'subject token of another audience',
        {},
        () => forged({ audiences: ['payments', 'inventory'] }),
        'invalid_request',
        NOT_LIVE,
      ],
      [
        'chain of more than four actors',
        {},
        () => forged({ actor: actors(3) }),
        'invalid_request',
        'More than 4 actors in a chain',
      ],
      [
        'subject token that is too long',
        {},
        () => Promise.resolve('x'.repeat(9_000)),
        'invalid_request',
        '',
      ],
      [
        'subject token of every size that the body allows',
        {},
        () => Promise.resolve('x'.repeat(8_000)),
        'invalid_request',
        NOT_LIVE,
      ],
      ['scope that is too long', { scope: 'x '.repeat(5_000) }, undefined, 'invalid_request', ''],
      ['body that is too long', { filler: 'x'.repeat(17_000) }, undefined, 'invalid_request', ''],
      [
        'subject token type',
        { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
        undefined,
        'invalid_request',
        `subject_token_type is not supported: send ${ACCESS_TOKEN_TYPE_URI}`,
      ],
    ])('a wrong %s: nothing is issued', async (_, form, subjectToken, error, description) => {
      const token = (await subjectToken?.()) ?? (await tokenOf());
      const before = await exchanges.recorded();
      const { status, body, headers } = await exchanges.ask('orders', token, {
        ...good,
        subject_token: token,
        ...form,
      });
      expect(body.error).toBe(error);
      expect([400, 401, 413]).toContain(status);
      if (description === '') expect(body['error_description']).toMatch(/\w/);
      else expect(body['error_description']).toBe(description);
      expect(Object.keys(body).sort()).toEqual(['error', 'error_description']);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(await exchanges.recorded()).toBe(before);
      expect(
        (await exchanges.ask('orders', await tokenOf(), { audience: 'inventory' })).status,
      ).toBe(200);
      expect(await exchanges.recorded()).toBe(before + 3);
    });
  });
});
