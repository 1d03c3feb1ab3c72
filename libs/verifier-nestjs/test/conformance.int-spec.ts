import type { RevocationKind } from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import { makeIssuer, signRaw, TestAuthority, waitFor } from '@latchkey/testing';
import type { TokenErrorCode } from '@latchkey/verifier';
import type { INestApplication } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  bearer,
  COMBINATIONS,
  get,
  optionsFor,
  startGuardedApp,
  type Answer,
} from './guarded-app-fixture.js';
import { VerifierLifecycle } from '../src/index.js';

/** Larger than the default tolerance of any library. */
const TOLERANCE_SECONDS = 120;
const MAX_LIFETIME_SECONDS = 3_600;
const now = () => Math.floor(Date.now() / 1000);

/** Headers that depend on the platform or on the time. */
const OTHER_HEADERS = new Set(['date', 'connection', 'etag', 'x-powered-by', 'content-length']);

const comparable = ({ headers, ...rest }: Answer) => ({
  ...rest,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !OTHER_HEADERS.has(name))),
});

const INVALID = {
  status: 401,
  headers: {
    'content-type': 'application/problem+json; charset=utf-8',
    'www-authenticate': 'Bearer error="invalid_token"',
  },
  body: {
    type: 'urn:latchkey:problem:invalid_token',
    status: 401,
    code: 'invalid_token',
    title: 'The access token is not valid',
  },
};

type Make = (authority: TestAuthority) => string | Promise<string>;

const jsonOf = (part: string | undefined) => Buffer.from(part ?? '', 'base64url').toString('utf8');
const good: Make = ({ issuer }) => issuer.makeToken();

/** A valid token that was changed after it was signed. */
const changed =
  (change: (header: string, payload: string, signature: string) => string): Make =>
  async (authority) => {
    const [header = '', payload = '', signature = ''] = (await good(authority)).split('.');
    return change(header, payload, signature);
  };

/** A token with rewritten claims that the issuer has signed. */
const withClaimsText =
  (rewrite: (json: string) => string): Make =>
  async (authority) => {
    const [header, payload] = (await good(authority)).split('.');
    return signRaw(jsonOf(header), rewrite(jsonOf(payload)), authority.issuer.keys.at(-1)!);
  };

const withClaim = (name: string, value: unknown): Make => {
  return ({ issuer }) => issuer.makeToken({ claims: { [name]: value } });
};
const withHeader = (name: string, value: unknown): Make => {
  return ({ issuer }) => issuer.makeToken({ header: { [name]: value } });
};

const REJECTED: readonly (readonly [string, TokenErrorCode, Make])[] = [
  ['more than 8 KiB', 'too_large', () => 'a'.repeat(9_000)],
  ['text without dots', 'malformed', () => 'x'],
  ['empty parts', 'malformed', () => '..'],
  ['text that is not base64url', 'malformed', () => '#'],
  ['not ASCII', 'malformed', () => 'caf\u00e9'],
  ['text that is not JSON', 'malformed', () => 'a.b.c'],
  ['an unsigned token', 'malformed', changed((header, payload) => `${header}.${payload}.`)],
  ['two parts', 'malformed', changed((header, payload) => `${header}.${payload}`)],
  ['four parts', 'malformed', changed((...parts) => `${parts.join('.')}.${parts[2]}`)],
  ['padding', 'malformed', changed((...parts) => `${parts.join('.')}==`)],
  ['duplicate claims', 'malformed', withClaimsText((json) => json.replace('{', '{"sub":"eve",'))],
  ['no key id', 'malformed', withHeader('kid', undefined)],
  ['a critical header', 'unsupported_header', withHeader('crit', ['exp'])],
  ['a key of its own', 'unsupported_header', withHeader('jwk', { kty: 'RSA' })],
  ['the URL of a key', 'unsupported_header', withHeader('jku', 'http://127.0.0.1:1/')],
  ['an ID token', 'wrong_type', withHeader('typ', 'JWT')],
  ['an event', 'wrong_type', withHeader('typ', 'secevent+jwt')],
  ['no algorithm', 'wrong_algorithm', withHeader('alg', 'none')],
  ['HMAC', 'wrong_algorithm', withHeader('alg', 'HS256')],
  ['PSS', 'wrong_algorithm', withHeader('alg', 'PS256')],
  ['an unknown key', 'unknown_key', withHeader('kid', 'other')],
  ['a changed claim', 'bad_signature', changed(changeSubject)],
  ['a changed signature', 'bad_signature', changed(changeSignature)],
  ['the key of another issuer', 'bad_signature', withKeyOfAnotherIssuer],
  ['no subject', 'invalid_claims', withClaim('sub', undefined)],
  ['a subject that is a number', 'invalid_claims', withClaim('sub', 7)],
  ['no client', 'invalid_claims', withClaim('client_id', undefined)],
  ['no token id', 'invalid_claims', withClaim('jti', undefined)],
  ['an empty session id', 'invalid_claims', withClaim('sid', '')],
  ['no expiry', 'invalid_claims', withClaim('exp', undefined)],
  ['an expiry that is text', 'invalid_claims', withClaim('exp', 'tomorrow')],
  ['an infinite expiry', 'invalid_claims', withClaimsText(toInfinity)],
  ['a start that is text', 'invalid_claims', withClaim('nbf', 'today')],
  ['scopes as an array', 'invalid_claims', withClaim('scope', ['orders:read'])],
  ['another issuer', 'untrusted_issuer', withClaim('iss', 'https://other.test')],
  ['no issuer', 'untrusted_issuer', withClaim('iss', undefined)],
  ['another audience', 'wrong_audience', withClaim('aud', 'payments')],
  ['a longer audience', 'wrong_audience', withClaim('aud', 'orders2')],
  ['expired beyond the tolerance', 'expired', at(-300 - TOLERANCE_SECONDS - 1)],
  ['issued in the future', 'not_yet_valid', at(TOLERANCE_SECONDS + 30)],
  ['valid later', 'not_yet_valid', (a) => withClaim('nbf', now() + TOLERANCE_SECONDS + 30)(a)],
  ['with too long a lifetime', 'lifetime_too_long', livingFor(MAX_LIFETIME_SECONDS + 1)],
  ['bound to a key', 'sender_constrained', withClaim('cnf', { jkt: 'x' })],
  ['of a revoked session', 'revoked', withClaim('sid', 'revoked')],
  ['a revoked token', 'revoked', withClaim('jti', 'revoked')],
  ['of a revoked subject', 'revoked', withClaim('sub', 'revoked')],
  ['of a revoked client', 'revoked', withClaim('client_id', 'revoked')],
  ['of a revoked key', 'revoked', ({ issuer }) => issuer.makeToken({ key: issuer.keys[0]! })],
];

const ACCEPTED: readonly (readonly [string, Make])[] = [
  ['ordinary', good],
  ['expired within the tolerance', at(-300 - TOLERANCE_SECONDS + 30)],
  ['issued ahead within the tolerance', at(TOLERANCE_SECONDS - 30)],
  ['valid later, within the tolerance', (a) => withClaim('nbf', now() + 90)(a)],
  ['for several audiences', withClaim('aud', ['payments', 'orders'])],
  ['with the full media type', withHeader('typ', 'application/AT+JWT')],
  ['with an unknown header', withHeader('x-trace', 'yes')],
  ['with fractional times', (a) => withClaim('exp', now() + 60.5)(a)],
  ['without a session', withClaim('sid', undefined)],
  ['without scopes', withClaim('scope', undefined)],
  ['with the maximum lifetime', livingFor(MAX_LIFETIME_SECONDS)],
];

function at(secondsFromNow: number): Make {
  return ({ issuer }) => issuer.makeToken({ issuedAt: now() + secondsFromNow });
}
function livingFor(seconds: number): Make {
  return ({ issuer }) => {
    const issuedAt = now();
    return issuer.makeToken({ issuedAt, expiresAt: issuedAt + seconds });
  };
}
function toInfinity(json: string): string {
  return json.replace(/"exp":\d+/, '"exp":1e400');
}
function changeSubject(header: string, payload: string, signature: string): string {
  const claims = JSON.parse(jsonOf(payload)) as object;
  const other = Buffer.from(JSON.stringify({ ...claims, sub: 'eve' })).toString('base64url');
  return `${header}.${other}.${signature}`;
}
function changeSignature(header: string, payload: string, signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  bytes[100]! ^= 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}
async function withKeyOfAnotherIssuer({ issuer }: TestAuthority): Promise<string> {
  const { keys } = await makeIssuer();
  return issuer.makeToken({ key: keys[0]!, kid: issuer.keys.at(-1)!.kid });
}

/** A new error code must be added here to compile, and needs a token above. */
const CODES = {
  too_large: true,
  malformed: true,
  unsupported_header: true,
  wrong_type: true,
  wrong_algorithm: true,
  unknown_key: true,
  bad_signature: true,
  invalid_claims: true,
  untrusted_issuer: true,
  wrong_audience: true,
  expired: true,
  not_yet_valid: true,
  lifetime_too_long: true,
  sender_constrained: true,
  revoked: true,
} satisfies Record<TokenErrorCode, true>;

describe('the guards with and without Passport, on Fastify and Express,', () => {
  let authority: TestAuthority;
  let apps: INestApplication[];
  /** Outcome of the last token in each application. */
  const judged = COMBINATIONS.map(() => '');

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    await authority.issuer.addKey();
    apps = await Promise.all(COMBINATIONS.map((combination, index) => start(combination, index)));
    for (const app of apps) await waitFor(() => app.get(VerifierLifecycle).readiness().ready);
    for (const app of apps) revokeEach(app.get(DenyList));
  });
  afterAll(async () => {
    for (const app of apps) await app.close();
    await authority.close();
  });

  function start([guard, platform]: (typeof COMBINATIONS)[number], index: number) {
    return startGuardedApp(guard, platform, {
      ...optionsFor(authority),
      clockToleranceSeconds: TOLERANCE_SECONDS,
      maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
      onOutcome: (code) => (judged[index] = code),
    });
  }

  function revokeEach(denyList: DenyList): void {
    const { issuer, keys } = authority.issuer;
    const before = now() + 3_600;
    const by: Record<RevocationKind, object> = {
      session: { sessionId: 'revoked' },
      token: { tokenId: 'revoked' },
      subject: { subject: 'revoked', before },
      client: { clientId: 'revoked', before },
      key: { keyId: keys[0]!.kid },
    };
    for (const [kind, what] of Object.entries(by)) {
      const common = { id: randomUUID(), issuer, revokedAt: now(), expiresAt: before };
      const revocation = { ...common, kind, trigger: 'logout', ...what };
      denyList.apply(revocation as Parameters<DenyList['apply']>[0]);
    }
  }

  /** Asserts that all four applications respond alike, and returns the response. */
  async function ask(path: string, ...authorization: readonly string[]) {
    const answers = await Promise.all(apps.map((app) => get(app, path, ...authorization)));
    const [first, ...others] = answers.map(comparable);
    for (const other of others) expect(other).toEqual(first);
    return first!;
  }

  it.each(REJECTED)(
    'reject the same tokens with the same response: %s (%s)',
    async (_, code, make) => {
      judged.fill('');
      expect(await ask('/me', bearer(await make(authority)))).toEqual(INVALID);
      expect(new Set(judged)).toEqual(new Set([code]));
    },
  );

  it('reject with every code that the verifier has', () => {
    expect(new Set(REJECTED.map(([, code]) => code))).toEqual(new Set(Object.keys(CODES)));
  });

  it.each(ACCEPTED)('accept the same: %s', async (_, make) => {
    const token = await make(authority);
    const { status, body } = await ask('/me', bearer(token));
    expect({ status, tokenLength: body['tokenLength'] }).toEqual({
      status: 200,
      tokenLength: token.length,
    });
  });

  it('accept a token again and again, and reject it from its revocation on', async () => {
    const token = bearer(await authority.issuer.makeToken({ sessionId: 'ended' }));
    for (let time = 0; time < 3; time++) expect((await ask('/me', token)).status).toBe(200);
    await authority.revokeSession('ended');
    await waitFor(async () => {
      const answers = await Promise.all(apps.map((app) => get(app, '/me', token)));
      return answers.every(({ status }) => status === 401);
    });
    expect(await ask('/me', token)).toEqual(INVALID);
  });

  it.each([
    ['missing', []],
    ['empty', ['']],
    ['another scheme', ['Basic YTpi']],
    ['the scheme alone', ['Bearer']],
    ['the scheme and a space', ['Bearer ']],
    ['a scheme with the same prefix', ['Bearerx y']],
    ['separated by a tab', ['Bearer\ty']],
  ])('challenge without an error code if the header is %s', async (_, headers) => {
    const { status, headers: given, body } = await ask('/me', ...headers);
    expect({ status, code: body['code'] }).toEqual({ status: 401, code: 'missing_token' });
    expect(given).toEqual({
      'content-type': 'application/problem+json; charset=utf-8',
      'www-authenticate': 'Bearer',
    });
  });

  it.each([
    ['two tokens', ['Bearer a b']],
    ['a list', ['Bearer a, Bearer b']],
    ['parameters', ['Bearer realm="x", token="y"']],
    ['the same header twice', ['Bearer a', 'Bearer a']],
    ['another scheme first', ['Basic YTpi', 'Bearer a']],
    ['another scheme second', ['Bearer a', 'Basic YTpi']],
    ['an empty one first', ['', 'Bearer a']],
  ])('reject a malformed header: %s', async (_, headers) => {
    const answer = await ask('/me', ...headers);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_request"/);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it.each(['bearer ', 'BEARER ', 'bEaReR    '])('accept the scheme as %j', async (scheme) => {
    expect((await ask('/me', `${scheme}${await good(authority)}`)).status).toBe(200);
  });

  it('require all scopes', async () => {
    const some = await authority.issuer.makeToken({ scope: 'orders:read' });
    expect(await ask('/scoped', bearer(some))).toMatchObject({
      status: 403,
      headers: {
        'www-authenticate': 'Bearer error="insufficient_scope", scope="orders:read orders:admin"',
        'content-type': 'application/problem+json; charset=utf-8',
      },
      body: { code: 'insufficient_scope' },
    });
    const all = await authority.issuer.makeToken({ scope: 'orders:admin orders:read more' });
    expect((await ask('/scoped', bearer(all))).status).toBe(200);
  });

  it('ignore credentials on public handlers', async () => {
    for (const headers of [[], ['Bearer nonsense'], ['Bearer a', 'Bearer b']]) {
      expect(await ask('/public', ...headers)).toMatchObject({ status: 200, body: { open: true } });
    }
  });
});
