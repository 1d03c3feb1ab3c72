import { TRANSACTION_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import { claimsOf, type Answer } from '../../../test/auth-fixture.js';
import {
  transactionClaimsOf,
  TRUST_DOMAIN,
  useExchanges,
} from '../../../test/token-exchange-fixture.js';
import { TransactionTokenIssuer } from '../../tokens/transaction-token-issuer.js';

const NOT_LIVE = {
  status: 400,
  body: {
    error: 'invalid_request',
    error_description: 'The subject token is not a live transaction token',
  },
};
const SCOPE = 'payments:read payments:write';

describe('a transaction token', () => {
  const exchanges = useExchanges([], { TRUST_DOMAIN });
  const { auth } = exchanges;

  async function begin() {
    const username = await auth.register();
    const { access_token: parent, sid } = await auth.logIn(username);
    const { body } = await exchanges.askForTransaction('orders', parent, SCOPE, {
      request_context: '{"req_ip":"192.0.2.7"}',
      request_details: '{"action":"BUY"}',
    });
    return { username, parent, sid, token: body.access_token };
  }
  const replace = (
    client: string,
    token: string,
    scope = SCOPE,
    more: Record<string, string> = {},
  ): Promise<Answer> =>
    exchanges.askForTransaction(client, token, scope, {
      subject_token_type: TRANSACTION_TOKEN_TYPE_URI,
      ...more,
    });
  const isLive = async (token: string) => (await replace('inventory', token)).status === 200;

  it('can be replaced by one that says the same, with less scope and one workload more', async () => {
    const { token } = await begin();
    const answer = await replace('inventory', token, 'payments:read');
    expect(answer.body).toMatchObject({ token_type: 'N_A', scope: 'payments:read' });
    const before = transactionClaimsOf(token);
    const after = transactionClaimsOf(answer.body.access_token);
    expect(after).toEqual({
      ...before,
      iat: after.iat,
      exp: after.exp,
      jti: after.jti,
      scope: 'payments:read',
      req_wl: 'orders,inventory',
    });
    expect(after.jti).not.toBe(before.jti);
    expect(after.exp).toBeLessThanOrEqual(before.exp);
    expect(await replace('inventory', answer.body.access_token, SCOPE)).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  it('is replaced at most three times', async () => {
    let { token } = await begin();
    for (const client of ['inventory', 'payments', 'orders'])
      token = (await replace(client, token, 'payments:read')).body.access_token ?? token;
    // Payments may exchange for orders only, which knows every scope here.
    expect(transactionClaimsOf(token).req_wl).toBe('orders,inventory,payments,orders');
    expect(await replace('inventory', token, 'payments:read')).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'More than 4 requesting workloads in a chain',
      },
    });
  });

  it.each(['request_context', 'request_details'])('keeps its context: %s', async (name) => {
    const { token } = await begin();
    expect(await replace('inventory', token, SCOPE, { [name]: '{"a":1}' })).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'The context of a transaction stays as it is, so none can be sent',
      },
    });
  });

  it('is replaced only where its type is named', async () => {
    const { token } = await begin();
    expect((await exchanges.askForTransaction('orders', token, SCOPE)).body.error).toBe(
      'invalid_request',
    );
    expect(await replace('orders', token, SCOPE, { subject_token: '' })).toMatchObject({
      status: 400,
      body: { error_description: 'subject_token is missing' },
    });
  });

  it('cannot be replaced once it has expired, even within the tolerance of a verifier', async () => {
    const { token } = await begin();
    const { sub, sid, iat } = transactionClaimsOf(token);
    const forge = async (secondsLeft: number) => {
      const now = (iat + secondsLeft) * 1000;
      const issuer = auth.service.app.get(TransactionTokenIssuer, { strict: false });
      const request = { subject: sub, sessionId: sid!, scopes: ['payments:read'] };
      return (await issuer.issue({ ...request, requestingWorkloads: ['orders'] }, now)).token;
    };
    expect((await replace('inventory', await forge(-30), 'payments:read')).status).toBe(200);
    for (const left of [-3_600, -70, -62])
      expect(await replace('inventory', await forge(left), 'payments:read')).toMatchObject(
        NOT_LIVE,
      );
  });

  it('ends with everything that it derives from', async () => {
    const ends: [string, (family: Awaited<ReturnType<typeof begin>>) => Promise<unknown>][] = [
      ['its subject token', ({ parent }) => exchanges.revoke(parent)],
      ['its session', ({ parent }) => auth.post('/logout', { token: parent })],
      ['its user', ({ username }) => exchanges.asAdmin('POST', `/users/${username}/disable`)],
      [
        'all sessions of its user',
        ({ parent }) => auth.post('/logout/everywhere', { token: parent }),
      ],
    ];
    for (const [what, end] of ends) {
      const family = await begin();
      const { body } = await replace('inventory', family.token);
      const replaced = body.access_token;
      expect([what, await isLive(family.token), await isLive(replaced)]).toEqual([
        what,
        true,
        true,
      ]);
      await end(family);
      expect([what, await isLive(family.token), await isLive(replaced)]).toEqual([
        what,
        false,
        false,
      ]);
    }
  });

  it('is revoked by its jti, as services need it, when its subject token is revoked', async () => {
    const { parent, token } = await begin();
    const { body } = await replace('inventory', token);
    await exchanges.revoke(parent);
    for (const revoked of [token, body.access_token]) {
      const { jti } = transactionClaimsOf(revoked);
      expect(
        await exchanges.sql('SELECT trigger FROM revocations WHERE token_id = $1', [jti]),
      ).toEqual([{ trigger: 'parent_token_revoked' }]);
    }
  });

  it('ends with a client that asked for it, or for one that it replaces', async () => {
    const { token } = await begin();
    const { body } = await replace('inventory', token);
    await exchanges.asAdmin('POST', '/clients/orders/revoke');
    expect(await replace('payments', token, 'payments:read')).toMatchObject(NOT_LIVE);
    expect(await replace('payments', body.access_token, 'payments:read')).toMatchObject(NOT_LIVE);
    expect(claimsOf(token).sid).toEqual(expect.any(String));
  });
});
