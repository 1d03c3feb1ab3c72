import { ACCESS_TOKEN_TYPE_URI, TRANSACTION_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import { decodeProtectedHeader } from 'jose';
import { claimsOf } from '../../../test/auth-fixture.js';
import {
  NARROW_POLICY,
  transactionClaimsOf,
  TRUST_DOMAIN,
  useExchanges,
} from '../../../test/token-exchange-fixture.js';
import { MALFORMED_REQUESTS } from '../../../test/transaction-requests.js';

const UUID: unknown = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
const CONTEXT = { req_ip: '69.151.72.123', authn: 'face' };
const DETAILS = { action: 'BUY', quantity: '100', customer: { geo: 'US', level: 'VIP' } };
const refusal = (error: string, description: string) => ({
  status: 400,
  body: { error, error_description: description },
});
const NO_TOKEN = 'The subject token is not a live token of a user for this client';

describe('a transaction token', () => {
  const exchanges = useExchanges([], { ...NARROW_POLICY, TRUST_DOMAIN });
  const { auth } = exchanges;

  async function userToken() {
    const { access_token: token } = await auth.logIn(await auth.register());
    return token;
  }

  it('has the claims of the draft, and the response says what it is', async () => {
    const token = await userToken();
    const {
      sub,
      sid,
      iss,
      exp: parentExpires,
    } = claimsOf(token) as ReturnType<typeof claimsOf> & {
      iss: string;
    };
    const scope = 'inventory:write payments:write';
    const answer = await exchanges.askForTransaction('orders', token, scope, {
      request_context: JSON.stringify(CONTEXT),
      request_details: JSON.stringify(DETAILS),
    });
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'N_A',
      issued_token_type: TRANSACTION_TOKEN_TYPE_URI,
      expires_in: 60,
      scope,
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { access_token: issued } = answer.body;
    expect(decodeProtectedHeader(issued)).toEqual({
      alg: 'RS256',
      typ: 'txntoken+jwt',
      kid: decodeProtectedHeader(token).kid,
    });
    const { iat, exp, ...claims } = transactionClaimsOf(issued);
    expect(exp - iat).toBe(60);
    expect(exp).toBeLessThanOrEqual(parentExpires);
    expect(claims).toEqual({
      ...{ iss, sub, sid, scope },
      aud: TRUST_DOMAIN,
      txn: UUID,
      jti: UUID,
      req_wl: 'orders',
      rctx: CONTEXT,
      tctx: DETAILS,
    });
  });

  it('belongs to a transaction of its own, each time', async () => {
    const token = await userToken();
    const ids = new Set<string>();
    for (let time = 0; time < 3; time++) {
      const { body } = await exchanges.askForTransaction('orders', token, 'payments:write');
      ids.add(transactionClaimsOf(body.access_token).txn);
    }
    expect(ids.size).toBe(3);
  });

  it('can be asked for with an exchanged token by the service that was called with it', async () => {
    const child = await exchanges.exchange('orders', await userToken(), { audience: 'inventory' });
    const { body } = await exchanges.askForTransaction('inventory', child, 'payments:read');
    expect(transactionClaimsOf(body.access_token)).toMatchObject({
      sub: claimsOf(child).sub,
      req_wl: 'inventory',
      scope: 'payments:read',
    });
  });

  it('is not an access token anywhere', async () => {
    const { body } = await exchanges.askForTransaction(
      'orders',
      await userToken(),
      'payments:write',
    );
    const token = body.access_token;
    expect((await exchanges.introspect(token)).body).toEqual({ active: false });
    for (const [method, path] of [
      ['GET', '/sessions'],
      ['GET', '/admin/signing-keys'],
      ['POST', '/admin/clients/orders/revoke'],
      ['POST', '/logout'],
      ['POST', '/logout/everywhere'],
      ['POST', '/password'],
    ] as const)
      expect([path, (await auth.send(method, path, { token })).status]).toEqual([path, 401]);
    expect(await exchanges.ask('orders', token, { audience: 'payments' })).toMatchObject(
      refusal('invalid_request', NO_TOKEN),
    );
    const asSession = { audience: 'payments', subject_token_type: TRANSACTION_TOKEN_TYPE_URI };
    expect((await exchanges.ask('orders', token, asSession)).body.error).toBe('invalid_request');
    expect((await auth.refresh(token)).body.error).toBe('invalid_grant');
    expect(await exchanges.revoke(token, 'orders')).toMatchObject(
      refusal('unsupported_token_type', 'Transaction tokens cannot be revoked one by one'),
    );
  });

  it("goes with a client's own token, which needs no scopes for the services that it may call", async () => {
    const answer = await exchanges.asClient('orders', { audience: 'payments' });
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer', scope: '' } });
    expect(claimsOf(answer.body.access_token)).toMatchObject({
      sub: 'orders',
      client_id: 'orders',
      aud: ['payments'],
      scope: '',
    });
    for (const [client, form] of [
      ['orders', {}],
      ['orders', { audience: 'orders' }],
      ['orders', { audience: 'payments', scope: 'payments:read' }],
      ['payments', { audience: 'inventory' }],
      ['checker', { audience: 'payments' }],
    ] as const)
      expect((await exchanges.asClient(client, form)).body.error).toBe('unauthorized_client');
    const robot = await exchanges.asClient('robot', { audience: 'inventory' });
    expect(robot.body['scope']).toBe('inventory:read inventory:write');
  });

  it('leaves an access token in its own header as it is', async () => {
    const token = await userToken();
    const { body } = await exchanges.askForTransaction('orders', token, 'payments:write');
    const headers = { 'txn-token': body.access_token };
    expect((await auth.send('GET', '/sessions', { token, headers })).status).toBe(200);
    expect((await auth.send('GET', '/sessions', { headers })).status).toBe(401);
  });

  describe('is refused', () => {
    it.each(MALFORMED_REQUESTS)('with %s', async (_, wrong, error, description) => {
      const before = await exchanges.recorded();
      const answer = await exchanges.askForTransaction(
        'orders',
        await userToken(),
        'payments:write',
        wrong,
      );
      expect([answer.status, answer.body.error]).toEqual([400, error]);
      expect(answer.body['error_description']).toMatch(new RegExp(`^${description}`));
      expect(answer.body).not.toHaveProperty('access_token');
      expect(await exchanges.recorded()).toBe(before);
    });

    it.each<[string, string, string, string]>([
      ['a client without a policy for exchanges', 'checker', 'unauthorized_client', 'This client'],
      ['a client that is not in the audience', 'shipping-robot', 'invalid_client', 'The client'],
    ])('for %s', async (_, clientId, error, description) => {
      const answer = await exchanges.askForTransaction(
        clientId,
        await userToken(),
        'payments:write',
      );
      expect(answer.body.error).toBe(error);
      expect(answer.body['error_description']).toMatch(new RegExp(`^${description}`));
    });

    it('for a token that was not sent to the client', async () => {
      const forPayments = await exchanges.exchange('orders', await userToken(), {
        audience: 'payments',
      });
      expect(
        await exchanges.askForTransaction('inventory', forPayments, 'payments:read'),
      ).toMatchObject(refusal('invalid_request', NO_TOKEN));
    });

    it("for a client's own token, which has no user", async () => {
      const { body } = await exchanges.asClient('robot');
      expect(
        await exchanges.askForTransaction('orders', body.access_token, 'inventory:read'),
      ).toMatchObject(refusal('invalid_request', NO_TOKEN));
    });

    it('for a user who has logged out', async () => {
      const token = await userToken();
      await auth.post('/logout', { token });
      expect(await exchanges.askForTransaction('orders', token, 'payments:write')).toMatchObject(
        refusal('invalid_request', NO_TOKEN),
      );
    });
  });
});

describe('the lifetime of a transaction token', () => {
  const exchanges = useExchanges([], {
    TRUST_DOMAIN,
    ACCESS_TOKEN_LIFETIME_SECONDS: '40',
    TRANSACTION_TOKEN_LIFETIME_SECONDS: '300',
  });
  const lifetimeOf = async (token: string) => {
    const { body } = await exchanges.askForTransaction('orders', token, 'payments:write');
    const { iat, exp } = transactionClaimsOf(body.access_token);
    return { seconds: exp - iat, expires: exp };
  };

  it('is never longer than that of the subject token', async () => {
    const { access_token: token } = await exchanges.auth.logIn(await exchanges.auth.register());
    const { expires, seconds } = await lifetimeOf(token);
    expect(seconds).toBeLessThanOrEqual(40);
    expect(expires).toBeLessThanOrEqual(claimsOf(token).exp);
  });

  it('is never longer than that of the session', async () => {
    const { access_token: token, sid } = await exchanges.auth.logIn(
      await exchanges.auth.register(),
    );
    await exchanges.sql(
      `UPDATE sessions SET absolute_expires_at = now() + interval '9 seconds' WHERE id = $1`,
      [sid],
    );
    expect((await lifetimeOf(token)).seconds).toBeLessThanOrEqual(9);
  });
});

describe('without a trust domain', () => {
  const exchanges = useExchanges();

  it("a client's own token needs scopes", async () => {
    const { body } = await exchanges.asClient('orders', { audience: 'payments' });
    expect(body.error).toBe('unauthorized_client');
  });

  it('transaction tokens are a type that is not supported, in every place', async () => {
    const { access_token: token } = await exchanges.auth.logIn(await exchanges.auth.register());
    expect(await exchanges.askForTransaction('orders', token, 'payments:write')).toMatchObject(
      refusal('invalid_request', `requested_token_type must be ${ACCESS_TOKEN_TYPE_URI}`),
    );
    const asSubject = { subject_token_type: TRANSACTION_TOKEN_TYPE_URI, audience: 'payments' };
    expect((await exchanges.ask('orders', token, asSubject)).body.error).toBe('invalid_request');
    expect((await exchanges.revoke('a.b.c', 'orders')).status).toBe(200);
  });
});
