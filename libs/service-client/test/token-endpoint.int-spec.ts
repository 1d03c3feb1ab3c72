import { waitFor } from '@latchkey/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { TestServer, type Reply } from './test-server.js';
import { codeOf, SECRET, useTokenIssuer } from './token-issuer-fixture.js';
import { createServiceTokens, type ServiceTokensOptions } from '../src/index.js';

const bed = useTokenIssuer();
const issuer = () => bed.current;
/** This pause does not end within a test. */
const longCircuit = { failures: 3, pauseMilliseconds: 60_000, maxPauseMilliseconds: 60_000 };
const circuit = { failures: 3, pauseMilliseconds: 50, maxPauseMilliseconds: 100 };

describe('the token endpoint', () => {
  it.each([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'invalid_scope',
    'invalid_target',
    'something_new',
  ])('can refuse with %s, which is remembered for a moment', async (code) => {
    issuer().reply = () => ({
      status: code === 'invalid_client' ? 401 : 400,
      headers: { 'www-authenticate': 'Basic' },
      body: { error: code, error_description: 'Because\nof that' },
    });
    const tokens = issuer().tokens();
    const principal = await issuer().principal();
    const errors = await Promise.all(
      Array.from({ length: 100 }, () =>
        tokens.onBehalfOf(principal, 'inventory', 'a').catch((error: unknown) => error),
      ),
    );
    for (const error of errors)
      expect(error).toMatchObject({
        name: 'ServiceTokenError',
        code,
        description: 'Because?of that',
      });
    expect(await codeOf(tokens.onBehalfOf(principal, 'inventory', 'a'))).toBe(code);
    expect(issuer().requests).toHaveLength(1);
    expect(issuer().events).toEqual([
      {
        type: 'token_refused',
        grant: 'token_exchange',
        audience: 'inventory',
        code,
        description: 'Because?of that',
      },
    ]);
    issuer().reply = undefined;
    issuer().clock.pass(6);
    await tokens.onBehalfOf(principal, 'inventory', 'a');
    expect(tokens.status()).toMatchObject({ refusals: 1, exchanges: 1 });
  });

  it.each<[string, Reply, string]>([
    ['fails', { status: 503, body: { error: 'temporarily_unavailable' } }, 'server_error'],
    ['asks to wait', { status: 429, headers: { 'retry-after': '60' } }, 'server_error'],
    ['breaks off', 'cut', 'unreachable'],
    ['hangs', 'hang', 'deadline'],
  ])('is left alone while it %s, also by other users', async (_, reply, reason) => {
    issuer().reply = () => reply;
    const tokens = issuer().tokens({
      circuit: longCircuit,
      timeoutSeconds: reply === 'hang' ? 0.3 : 10,
    });
    const principals = await Promise.all(Array.from({ length: 40 }, () => issuer().principal()));
    const call = (index: number) => codeOf(tokens.onBehalfOf(principals[index]!, 'inventory', 'a'));
    expect(await call(0)).toBe(reason);
    for (let index = 1; index < 4; index++) await call(index);
    await waitFor(() => tokens.status().circuit !== 'closed');
    const sent = issuer().requests.length;
    expect(sent).toBeLessThanOrEqual(5);
    const rest = await Promise.all(principals.slice(10).map((_p, index) => call(index + 10)));
    expect(new Set(rest)).toEqual(new Set(['circuit_open']));
    expect(issuer().requests).toHaveLength(sent);
  });

  it('is tried again after a pause', async () => {
    issuer().reply = () => ({ status: 503 });
    const tokens = issuer().tokens({ circuit });
    await waitFor(async () => {
      await codeOf(tokens.own('inventory', 'a'));
      return tokens.status().circuit !== 'closed';
    });
    issuer().reply = undefined;
    await waitFor(async () => (await codeOf(tokens.own('inventory', 'b'))) === 'no error');
    expect(tokens.status().circuit).toBe('closed');
  });

  it('is asked again after one broken connection', async () => {
    let count = 0;
    issuer().reply = () => (count++ === 0 ? 'cut' : undefined);
    await issuer().tokens().own('inventory', 'a');
    expect(issuer().requests).toHaveLength(2);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another type of token', { token_type: 'DPoP' }, 'token_type'],
    ['no type', { token_type: undefined }, 'token_type'],
    ['no token', { access_token: undefined }, 'access_token'],
    ['a token with a space', { access_token: 'a b' }, 'access_token'],
    ['a token with a line break', { access_token: 'a\r\nx: y' }, 'access_token'],
    ['a token that is too long', { access_token: 'a'.repeat(20_000) }, 'access_token'],
    ['no issued type', { issued_token_type: undefined }, 'issued_token_type'],
    [
      'a refresh token',
      { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'issued_token_type',
    ],
    ['more scope', { scope: 'a b' }, 'more than'],
    ['less scope', { scope: '' }, 'less than'],
    ['another scope', { scope: 'b' }, 'less than'],
    ['an expired token', { expires_in: 0 }, 'expired already'],
  ])('must not answer with %s', async (_, changed, description) => {
    issuer().reply = async (form) => ({ body: { ...(await issuer().issue(form)), ...changed } });
    const principal = await issuer().principal();
    const error: unknown = await issuer()
      .tokens()
      .onBehalfOf(principal, 'inventory', 'a')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_response' });
    expect((error as Error).message).toContain(description);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another audience', { aud: 'payments' }],
    ['other audiences', { aud: ['payments', 'inventory2'] }],
    ['no audience', { aud: undefined }],
    ['another user', { sub: 'eve' }],
    ['another session', { sid: 'other' }],
    ['more scope than the answer says', { scope: 'a b' }],
  ])('must not answer with a token for %s', async (_, claims) => {
    issuer().reply = async (form) => ({ body: await issuer().issue(form, claims) });
    const tokens = issuer().tokens();
    const principal = await issuer().principal({ subject: 'ada' });
    expect(await codeOf(tokens.onBehalfOf(principal, 'inventory', 'a'))).toBe('invalid_response');
    expect(tokens.status()).toMatchObject({ entries: 0, refusals: 1 });
  });

  it.each<[string, unknown, string]>([
    ['more scope', 'a b', 'invalid_response'],
    ['the scope', 'a', 'no error'],
    ['scope in another form', ['a', 'b'], 'no error'],
    ['no scope, as one that the service looks up', undefined, 'no error'],
  ])('may leave the scope out for a token with %s: %j', async (_, scope, outcome) => {
    issuer().reply = async (form) => ({
      body: { ...(await issuer().issue(form, { scope })), scope: undefined },
    });
    expect(await codeOf(issuer().tokens().own('inventory', 'a'))).toBe(outcome);
  });

  it('may answer with an opaque token, or one with more audiences', async () => {
    const principal = await issuer().principal();
    issuer().reply = async (form) => ({
      body: { ...(await issuer().issue(form)), access_token: 'opaque.to.us' },
    });
    expect(await issuer().tokens().onBehalfOf(principal, 'inventory', 'a')).toBe('opaque.to.us');
    issuer().reply = async (form) => ({
      body: await issuer().issue(form, { aud: ['x', 'inventory'] }),
    });
    expect(await codeOf(issuer().tokens().onBehalfOf(principal, 'inventory', 'a'))).toBe(
      'no error',
    );
  });

  it('learns the kind of the credential', async () => {
    const principal = await issuer().principal();
    await issuer().tokens().onBehalfOf(principal, 'inventory', '');
    expect(Object.fromEntries(issuer().requests[0]!)).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: 'inventory',
      subject_token: expect.any(String),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  });

  it('ends with the process', async () => {
    issuer().reply = () => 'hang';
    const tokens = issuer().tokens();
    const pending = codeOf(tokens.own('inventory', 'a'));
    await waitFor(() => issuer().requests.length === 1);
    tokens.close();
    expect(await pending).toBe('aborted');
    expect(await codeOf(tokens.own('payments', 'a'))).toBe('aborted');
  });
});

describe('private_key_jwt', () => {
  it.each([
    ['rsa', 'RS256', undefined],
    ['rsa', 'PS384', 'PS384'],
    ['P-256', 'ES256', undefined],
    ['P-384', 'ES384', undefined],
    ['P-521', 'ES512', 'ES512'],
    ['ed25519', 'Ed25519', undefined],
  ] as const)('signs with a key of %s by %s', async (kind, expected, algorithm) => {
    const key = privateKeyOf(kind);
    const spellings = [
      key,
      key.export({ type: 'pkcs8', format: 'pem' }) as string,
      key.export({ format: 'jwk' }),
    ];
    for (const privateKey of spellings) {
      const authentication = { privateKey, keyId: 'k1', ...(algorithm && { algorithm }) };
      await issuer().tokens({ authentication }).own('inventory', 'a');
      const assertion = issuer().requests.at(-1)!.get('client_assertion')!;
      expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: expected, kid: 'k1' });
      expect(decodeJwt(assertion)).toMatchObject({
        iss: 'orders',
        sub: 'orders',
        aud: issuer().server.url,
      });
      expect(issuer().server.received.at(-1)!.headers).not.toHaveProperty('authorization');
    }
    const ids = issuer().requests.map((form) => decodeJwt(form.get('client_assertion')!).jti);
    expect(new Set(ids).size).toBe(3);
  });

  it.each<[string, object]>([
    ['neither', {}],
    ['both', { clientSecret: SECRET, privateKey: privateKeyOf('P-256') }],
    ['an empty secret', { clientSecret: '' }],
    ['a secret that is a number', { clientSecret: 5 }],
    ['text that is not a key', { privateKey: SECRET }],
    ['a JWK that is not a private key', { privateKey: { kty: 'oct', k: SECRET } }],
    ['a public key', { privateKey: publicPem() }],
    ['a key of another kind', { privateKey: generateKeyPairSync('x25519').privateKey }],
    [
      'an RSA key that is too short',
      { privateKey: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey },
    ],
    ['an algorithm of another key', { privateKey: privateKeyOf('P-256'), algorithm: 'RS256' }],
    ['an unknown algorithm', { privateKey: privateKeyOf('P-256'), algorithm: 'HS256' }],
    ['an empty key id', { privateKey: privateKeyOf('P-256'), keyId: '' }],
  ])('and client_secret_basic must be chosen well: not %s', (_, authentication) => {
    const create = () => issuer().tokens({ authentication } as Partial<ServiceTokensOptions>);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(/^authentication/);
    expect(create).not.toThrow(SECRET);
  });
});

describe('discovery', () => {
  let server: TestServer;
  const OAUTH = '/.well-known/oauth-authorization-server';
  const OIDC = '/.well-known/openid-configuration';
  beforeEach(async () => (server = await TestServer.start()));
  afterEach(() => server.close());

  const tokens = (more: Partial<ServiceTokensOptions> = {}) =>
    createServiceTokens({
      issuer: server.url,
      clientId: 'orders',
      authentication: { clientSecret: SECRET },
      revocations: 'ignore',
      ...more,
    });
  const metadata = (more: object = {}) => ({
    body: { issuer: server.url, token_endpoint: `${issuer().server.url}/token`, ...more },
  });

  it.each([
    [OAUTH, [OAUTH]],
    [OIDC, [OAUTH, OIDC]],
  ])('reads %s, once', async (known, asked) => {
    server.answer = ({ path }) => (path === known ? metadata() : { status: 404 });
    const found = tokens();
    await found.own('inventory', 'a');
    await found.own('payments', 'a');
    expect(server.received.map(({ path }) => path)).toEqual(asked);
  });

  it.each<[string, Reply | undefined, object]>([
    ['another issuer', undefined, { issuer: 'https://evil.example' }],
    ['no issuer', undefined, { issuer: undefined }],
    ['no token endpoint', undefined, { token_endpoint: undefined }],
    ['an insecure token endpoint', undefined, { token_endpoint: 'http://evil.example/token' }],
    ['a token endpoint that is not a URL', undefined, { token_endpoint: '/token' }],
    ['no metadata', { status: 404 }, {}],
    ['what is not JSON', { body: 'x' }, {}],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, {}],
  ])('refuses %s', async (_, reply, more) => {
    server.answer = () => reply ?? metadata(more);
    expect(await codeOf(tokens().own('inventory', 'a'))).toBe('invalid_reply');
    expect(issuer().requests).toHaveLength(0);
  });

  it('is tried again after a failure, and not needed with a token endpoint', async () => {
    server.answer = () => ({ status: 503 });
    const failing = tokens();
    expect(await codeOf(failing.own('inventory', 'a'))).toBe('server_error');
    server.answer = () => metadata();
    await failing.own('payments', 'a');
    await tokens({ tokenEndpoint: `${issuer().server.url}/token` }).own('inventory', 'a');
    expect(issuer().requests).toHaveLength(2);
  });
});

function privateKeyOf(kind: 'rsa' | 'P-256' | 'P-384' | 'P-521' | 'ed25519') {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
}

function publicPem(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
