import {
  TRANSACTION_TOKEN_TYPE_URI,
  type TransactionTokenReply,
} from '@latchkey/contracts/auth-api';
import { TEST_TRUST_DOMAIN } from '@latchkey/testing';
import { subjectTokenOf, type TokenPrincipal } from '@latchkey/verifier';
import { decodeJwt } from 'jose';
import { TestServer } from './test-server.js';
import { useTokenIssuer } from './token-issuer-fixture.js';
import { createServiceClient, type ServiceTokens } from '../src/index.js';

const bed = useTokenIssuer();
const WANTED = {
  scopes: 'payments:write inventory:write',
  requestContext: { req_ip: '192.0.2.7' },
  details: { total: 5 },
};

describe('a transaction', () => {
  let payments: TestServer;
  let tokens: ServiceTokens;
  let principal: TokenPrincipal;

  beforeEach(async () => {
    payments = await TestServer.start(() => ({ body: { ok: true } }));
    tokens = bed.current.tokens({ trustDomain: TEST_TRUST_DOMAIN });
    principal = await bed.current.principal({ subject: 'ada', sessionId: 's1' });
    bed.current.reply = async (form) => {
      if (form.get('requested_token_type') !== TRANSACTION_TOKEN_TYPE_URI) return undefined;
      return { body: await answerOf(form) };
    };
  });
  afterEach(() => payments.close());

  /** A good answer to a request, which a test may change. */
  async function answerOf(
    form: URLSearchParams,
    claims: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const { sub, sid } = decodeJwt(form.get('subject_token')!);
    const scope = form.get('scope')!;
    const token = await bed.current.issuer.makeTransactionToken({
      issuedAt: Math.floor(bed.current.clock.now() / 1000),
      subject: sub!,
      scope,
      claims: {
        sid,
        req_wl: 'orders',
        rctx: JSON.parse(form.get('request_context') ?? '{}') as object,
        tctx: JSON.parse(form.get('request_details') ?? '{}') as object,
        ...claims,
      },
    });
    return {
      access_token: token,
      token_type: 'N_A',
      issued_token_type: TRANSACTION_TOKEN_TYPE_URI,
      expires_in: 60,
      scope,
    } satisfies TransactionTokenReply;
  }

  const client = () =>
    createServiceClient({ service: 'payments', baseUrl: payments.url, scopes: 'ignored', tokens });
  const grants = () =>
    bed.current.requests.map((form) => form.get('grant_type')!.split(':').at(-1));
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: unknown) => (error as { code?: string }).code ?? error,
    );

  it('is begun once for all calls of a request, which carry its token and an own one', async () => {
    const transaction = await tokens.beginTransaction(principal, WANTED);
    await client().for(transaction).post('/payments', { total: 5 });
    await client().for(transaction).get('/payments/1');
    expect(grants()).toEqual(['token-exchange', 'client_credentials']);
    expect(Object.fromEntries(bed.current.requests[0]!)).toMatchObject({
      audience: TEST_TRUST_DOMAIN,
      scope: 'inventory:write payments:write',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      request_context: '{"req_ip":"192.0.2.7"}',
      request_details: '{"total":5}',
    });
    const { token } = subjectTokenOf(transaction)!;
    for (const { headers } of payments.received) {
      expect(headers['txn-token']).toBe(token);
      expect(decodeJwt(headers.authorization!.replace('Bearer ', ''))).toMatchObject({
        sub: 'orders',
        aud: ['payments'],
      });
    }
    expect(payments.received).toHaveLength(2);
    expect(transaction).toMatchObject({
      subject: 'ada',
      sessionId: 's1',
      transaction: { requestContext: WANTED.requestContext, details: WANTED.details },
    });
  });

  it('is never shared between requests, even of one token', async () => {
    const begun = await Promise.all(
      [1, 2, 3].map(() => tokens.beginTransaction(principal, { scopes: 'payments:write' })),
    );
    expect(new Set(begun.map(({ transaction }) => transaction!.id)).size).toBe(3);
    expect(grants()).toHaveLength(3);
  });

  it('that a request came with is passed on, and not begun again', async () => {
    const begun = await tokens.beginTransaction(principal, WANTED);
    bed.current.server.received.length = 0;
    expect(await tokens.beginTransaction(begun, { scopes: 'more' })).toBe(begun);
    expect(grants()).toEqual([]);
  });

  describe('that is replaced', () => {
    const begin = () => tokens.beginTransaction(principal, WANTED);
    const continued = (claims: Record<string, unknown> = {}) => {
      bed.current.reply = async (form) => {
        if (!form.has('subject_token')) return undefined;
        const { txn, rctx, tctx } = decodeJwt(form.get('subject_token')!);
        const same = { txn, rctx, tctx, req_wl: 'edge,orders' };
        return { body: await answerOf(form, { ...same, ...claims }) };
      };
    };

    it('goes on with fewer scopes and a name more, and its calls carry the new token', async () => {
      const begun = await begin();
      continued();
      const replaced = await tokens.replaceTransaction(begun, { scopes: 'payments:write' });
      expect(Object.fromEntries(bed.current.requests[1]!)).toEqual({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        audience: TEST_TRUST_DOMAIN,
        scope: 'payments:write',
        subject_token: subjectTokenOf(begun)!.token,
        subject_token_type: TRANSACTION_TOKEN_TYPE_URI,
        requested_token_type: TRANSACTION_TOKEN_TYPE_URI,
      });
      expect([...replaced.scopes]).toEqual(['payments:write']);
      expect(replaced.transaction).toEqual({
        ...begun.transaction,
        requestingWorkloads: ['edge', 'orders'],
      });
      await client().for(replaced).get('/');
      expect(payments.received[0]!.headers['txn-token']).toBe(subjectTokenOf(replaced)!.token);
    });

    it.each([
      ['another transaction', { txn: 'other' }],
      ['another user', { sub: 'eve' }],
      ['another session', { sid: 's2' }],
      ['more scope', { scope: 'inventory:write payments:write' }],
    ])('is not replaced by %s', async (_, claims) => {
      const begun = await begin();
      continued(claims);
      const replacing = tokens.replaceTransaction(begun, { scopes: 'payments:write' });
      expect(await codeOf(replacing)).toBe('invalid_response');
    });

    it('must not have ended with its session', async () => {
      const begun = await begin();
      bed.current.revokeSession('s1');
      expect(await codeOf(tokens.replaceTransaction(begun, WANTED))).toBe('revoked');
      expect(grants()).toHaveLength(1);
    });

    it('must be one, and needs scopes and a trust domain', async () => {
      await expect(tokens.replaceTransaction(principal, WANTED)).rejects.toThrow(
        new TypeError('replaceTransaction() needs the principal of a transaction'),
      );
      const begun = await begin();
      await expect(tokens.replaceTransaction(begun, { scopes: '' })).rejects.toThrow(TypeError);
      await expect(bed.current.tokens().replaceTransaction(begun, WANTED)).rejects.toThrow(
        new TypeError('replaceTransaction() requires the option trustDomain'),
      );
      expect(grants()).toHaveLength(1);
    });
  });

  it('ends with its session, between two calls', async () => {
    const transaction = await tokens.beginTransaction(principal, WANTED);
    await client().for(transaction).get('/');
    bed.current.revokeSession('s1');
    expect(await codeOf(client().for(transaction).get('/'))).toBe('revoked');
    expect(await codeOf(tokens.beginTransaction(principal, WANTED))).toBe('revoked');
    expect(payments.received).toHaveLength(1);
  });

  it('that a service rejects does not cost the own token, which all transactions share', async () => {
    const [ada, bob] = await Promise.all([
      tokens.beginTransaction(principal, WANTED),
      tokens.beginTransaction(await bed.current.principal({ subject: 'bob' }), WANTED),
    ]);
    await client().for(bob).get('/');
    const { token } = subjectTokenOf(ada)!;
    payments.answer = ({ headers }) =>
      headers['txn-token'] === token
        ? { status: 401, body: { code: 'invalid_transaction_token' } }
        : { body: {} };
    bed.current.reply = () => ({ status: 503 });
    expect(await client().for(ada).get('/').catch(String)).toContain('invalid_transaction_token');
    expect((await client().for(bob).get('/')).status).toBe(200);
    expect(payments.received).toHaveLength(3);
  });

  it('does not keep a rejected own token from being replaced', async () => {
    const transaction = await tokens.beginTransaction(principal, WANTED);
    let count = 0;
    payments.answer = () => (count++ === 0 ? { status: 401, body: { code: 'invalid_token' } } : {});
    expect((await client().for(transaction).get('/')).status).toBe(200);
    const [first, second] = payments.received.map(({ headers }) => headers.authorization);
    expect(second).not.toBe(first);
  });

  it('ends with its session, between two attempts of a call', async () => {
    const transaction = await tokens.beginTransaction(principal, WANTED);
    payments.answer = () => {
      bed.current.revokeSession('s1');
      return { status: 503 };
    };
    expect(await codeOf(client().for(transaction).get('/'))).toBe('revoked');
    expect(payments.received).toHaveLength(1);
  });

  it.each(['x\ny', 'x y', 'x\u00e9', 'x'.repeat(20_000)])(
    'whose token is not one that a header can hold is refused: %j',
    async (signature) => {
      bed.current.reply = async (form) => {
        const answer = await answerOf(form);
        const [header, claims] = (answer['access_token'] as string).split('.');
        return { body: { ...answer, access_token: `${header}.${claims}.${signature}` } };
      };
      expect(await codeOf(tokens.beginTransaction(principal, WANTED))).toBe('invalid_response');
    },
  );

  it('does not begin if the session ends while the issuer is asked', async () => {
    bed.current.reply = async (form) => {
      bed.current.revokeSession('s1');
      return { body: await answerOf(form) };
    };
    expect(await codeOf(tokens.beginTransaction(principal, WANTED))).toBe('revoked');
  });

  it('ends when its token expires', async () => {
    const transaction = await tokens.beginTransaction(principal, WANTED);
    bed.current.clock.pass(61);
    expect(await codeOf(client().for(transaction).get('/'))).toBe('expired');
    expect(payments.received).toHaveLength(0);
  });

  it('gets one new token of the caller after a 401, and keeps its own', async () => {
    const transaction = await tokens.beginTransaction(principal, WANTED);
    let refusals = 1;
    payments.answer = () => (refusals-- > 0 ? { status: 401 } : { body: {} });
    await client().for(transaction).get('/');
    const [first, second] = payments.received;
    expect(first!.headers.authorization).not.toBe(second!.headers.authorization);
    expect(first!.headers['txn-token']).toBe(second!.headers['txn-token']);
  });

  it('cannot be exchanged', async () => {
    const transaction = await tokens.beginTransaction(principal, WANTED);
    await expect(tokens.onBehalfOf(transaction, 'payments', 'a')).rejects.toThrow(
      new TypeError('a transaction token cannot be exchanged: use withinTransaction()'),
    );
  });

  it.each<[string, object, RegExp]>([
    ['no scopes', { scopes: '' }, /^scopes must name/],
    ['a malformed scope', { scopes: 'a"b' }, /^scopes must be/],
    ['a list as context', { scopes: 'a', requestContext: [] }, /^requestContext must be a JSON/],
    [
      'large details',
      { scopes: 'a', details: { a: 'x'.repeat(3000) } },
      /^details must have at most/,
    ],
    ['deep details', { scopes: 'a', details: { a: [[[[]]]] } }, /^details must have at most 4/],
  ])('is not begun with %s', async (_, options, message) => {
    const begun = tokens.beginTransaction(principal, options as typeof WANTED);
    await expect(begun).rejects.toThrow(TypeError);
    await expect(begun).rejects.toThrow(message);
    expect(grants()).toEqual([]);
  });

  it('needs a trust domain', async () => {
    await expect(bed.current.tokens().beginTransaction(principal, WANTED)).rejects.toThrow(
      new TypeError('beginTransaction() requires the option trustDomain'),
    );
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['another trust domain', { aud: 'bank.test' }, {}],
    ['a list of trust domains', { aud: [TEST_TRUST_DOMAIN] }, {}],
    ['another user', { sub: 'eve' }, {}],
    ['another session', { sid: 's2' }, {}],
    ['another issuer', { iss: 'https://other.test' }, {}],
    ['more scope', { scope: 'inventory:write payments:write admin' }, {}],
    ['less scope', { scope: 'payments:write' }, {}],
    ['no transaction', { txn: undefined }, {}],
    ['an access token', {}, { token_type: 'Bearer' }],
    ['another type', {}, { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }],
    ['no type', {}, { issued_token_type: undefined }],
    ['an opaque token', {}, { access_token: 'abc' }],
  ])('is not begun by an answer with %s', async (_, claims, members) => {
    bed.current.reply = async (form) => ({
      body: { ...(await answerOf(form, claims)), ...members },
    });
    expect(await codeOf(tokens.beginTransaction(principal, WANTED))).toBe('invalid_response');
  });

  it('is refused with the code of the issuer', async () => {
    bed.current.reply = () => ({ status: 400, body: { error: 'invalid_scope' } });
    expect(await codeOf(tokens.beginTransaction(principal, WANTED))).toBe('invalid_scope');
    expect(bed.current.events.at(-1)).toMatchObject({
      type: 'token_refused',
      audience: TEST_TRUST_DOMAIN,
    });
  });
});
