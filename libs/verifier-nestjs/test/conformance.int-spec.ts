import type { RevocationKind } from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import { TestAuthority, waitFor } from '@latchkey/testing';
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
import {
  ACCEPTED,
  CODES,
  good,
  MAX_LIFETIME_SECONDS,
  now,
  REJECTED,
  TOLERANCE_SECONDS,
} from './judged-tokens-fixture.js';
import { VerifierLifecycle } from '../src/index.js';

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
