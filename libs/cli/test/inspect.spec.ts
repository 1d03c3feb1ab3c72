import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { NO_ANSWER_REASONS, type NoAnswerReason } from '../src/commands/inspect/no-answer.js';
import { FakeProcess, NOW, type FakeAnswer, type Sent } from './fake-process.js';

const OURS = 'http://localhost:4000';
const SECONDS = NOW / 1000;
const { publicKey, privateKey } = await generateKeyPair('ES256');
const JWKS = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] };
const CLAIMS = {
  iss: OURS,
  aud: 'orders',
  jti: 'j',
  sid: 's',
  sub: 'u',
  client_id: 'c',
  iat: SECONDS,
};

const tokenOf = (claims: object = {}) =>
  new SignJWT({ ...CLAIMS, exp: SECONDS + 300, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
    .sign(privateKey);

const folder = mkdtempSync(join(tmpdir(), 'latchkey-inspect-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const jwksFile = file('jwks.json', JSON.stringify(JWKS));

/** A server that is both an issuer and the auth service. */
const answers: Record<string, FakeAnswer | Error> = {};
const fake = new FakeProcess(({ url }: Sent) => answers[url] ?? [404, {}]);
beforeEach(() => {
  for (const url of Object.keys(answers)) delete answers[url];
  answers[`${OURS}/.well-known/oauth-authorization-server`] = [
    200,
    { issuer: OURS, jwks_uri: `${OURS}/.well-known/jwks.json` },
  ];
  answers[`${OURS}/.well-known/jwks.json`] = [200, JWKS];
  answers[`${OURS}/revocations/status`] = [
    200,
    { revoked: false, asOf: '2026-11-30T11:59:59.600Z', verifiers: { known: 2, applied: 2 } },
  ];
  fake.sent.length = 0;
});
afterAll(() => {
  fake.close();
  rmSync(folder, { recursive: true });
});

const verdictOf = ({ stdout }: { stdout: string }) =>
  (JSON.parse(stdout) as { verdict: string }).verdict;
const revocationOf = ({ stdout }: { stdout: string }) =>
  (JSON.parse(stdout) as { revocation: unknown }).revocation;
const inspect = (...args: string[]) => fake.run('inspect', ...args);

it('checks a token of auth with its keys, and asks whether it is revoked, with ids only', async () => {
  const { code, stdout, stderr } = await inspect(await tokenOf());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Valid: the signature fits/);
  expect(stdout).toContain('Revoked: no: It was not revoked, as of 0.4 s ago; 2 of 2 verifiers');
  expect(stdout).toContain('exp        1796040300 (2026-11-30T12:05:00Z)');
  const asked = fake.sent.find(({ method }) => method === 'POST');
  expect(asked?.body).toEqual({
    iat: SECONDS,
    jti: 'j',
    sid: 's',
    sub: 'u',
    client_id: 'c',
    kid: 'k1',
  });
  expect(
    fake.sent.every(
      ({ headers, redirect }) => !('authorization' in headers) && redirect === 'manual',
    ),
  ).toBe(true);
});

it('says who has revoked a token, and exits with 1', async () => {
  const answer = {
    revoked: true,
    at: '2026-11-30T11:59:00Z',
    reason: 'logout',
    by: 'user',
    asOf: '2026-11-30T12:00:00Z',
    verifiers: { known: 2, applied: 2 },
  };
  answers[`${OURS}/revocations/status`] = [200, answer];
  expect(revocationOf(await inspect(await tokenOf(), '--json'))).toEqual(answer);
  const { code, stdout } = await inspect(await tokenOf());
  expect(code).toBe(1);
  expect(stdout).toContain(
    'Revoked: yes: It was revoked at 2026-11-30T11:59:00Z (logout, by its user)',
  );
});

it('notes that auth cannot tell, or does not answer', async () => {
  answers[`${OURS}/revocations/status`] = [
    200,
    {
      revoked: null,
      reason: 'not_recorded',
      asOf: '2026-11-30T12:00:00Z',
      verifiers: { known: 0, applied: 0 },
    },
  ];
  expect((await inspect(await tokenOf())).stdout).toContain(
    'Revoked: cannot be known: The issuer was asked',
  );
  answers[`${OURS}/revocations/status`] = new TypeError('fetch failed');
  const { code, stdout, stderr } = await inspect(await tokenOf());
  expect([code, stderr]).toEqual([0, expect.stringContaining('Auth cannot be reached')]);
  expect(stdout).toContain('Revoked: cannot be known: auth was asked, and has not answered');
});

it('judges the first signature of a token that has several', async () => {
  const [head, payload, signature] = (await tokenOf()).split('.');
  const signatures = [
    { protected: head, signature },
    { protected: head, signature: 'AAAA' },
  ];
  const { code, stdout } = await inspect(JSON.stringify({ payload, signatures }), '--json');
  const { checks } = JSON.parse(stdout) as { checks: { rule: string; state: string }[] };
  // JSON is no JWT, but the signature is checked.
  expect(code).toBe(1);
  expect(checks).toContainEqual(expect.objectContaining({ rule: 'signature', state: 'passed' }));
});

it('asks auth nothing about a signature that the given key does not prove', async () => {
  const key = await generateKeyPair('ES256');
  const jwk = file('foreign', JSON.stringify(await exportJWK(key.publicKey)));
  expect((await inspect(await tokenOf(), '--key', jwk)).code).toBe(1);
  expect(fake.sent).toEqual([]);
});

const other = await generateKeyPair('ES256');
const otherKey = file('other', JSON.stringify(await exportJWK(other.publicKey)));
/** A token and the arguments for each reason why there is no answer. */
const UNANSWERED: Record<NoAnswerReason, [token: Promise<string> | string, ...args: string[]]> = {
  claims_unreadable: ['eyJhbGciOiJub25lIn0.eA.'],
  no_issuer: [tokenOf({ iss: undefined }), '--jwks', jwksFile],
  other_issuer: [tokenOf({ iss: 'https://a.test' })],
  owner_unknown: [tokenOf()],
  signature_not_verified: [tokenOf(), '--key', otherKey],
  no_ids: [tokenOf({ jti: undefined, sid: undefined })],
  no_answer: [tokenOf()],
};
it.each(Object.keys(UNANSWERED) as NoAnswerReason[])(
  'says in words and as JSON why there is no answer about a revocation: %s',
  async (reason) => {
    const [token, ...args] = UNANSWERED[reason];
    const down = reason === 'owner_unknown' ? '.well-known/oauth-authorization-server' : '';
    answers[`${OURS}/${down || 'revocations/status'}`] = new TypeError('fetch failed');
    const { stdout } = await inspect(await token, ...args);
    expect(stdout).toContain(`Revoked: cannot be known: ${NO_ANSWER_REASONS[reason]}`);
    const document = revocationOf(await inspect(await token, ...args, '--json'));
    const message = expect.stringContaining(NO_ANSWER_REASONS[reason]) as string;
    expect(document).toEqual({ revoked: null, reason, message });
    expect(fake.sent.some(({ method }) => method === 'POST')).toBe(reason === 'no_answer');
  },
);

it.each<[title: string, path: string, answer: FakeAnswer | Error, reason: string]>([
  [
    'its metadata cannot be read',
    'oauth-authorization-server',
    new TypeError('fetch failed'),
    'it is not known whether auth has issued it (Auth cannot be reached at http://localhost:4000',
  ],
  [
    'something else answers',
    'oauth-authorization-server',
    [200, '<html>'],
    'it is not known whether auth has issued it (http://localhost:4000 did not answer as the auth',
  ],
  [
    'its keys cannot be read',
    'jwks.json',
    [503, ''],
    'auth was not asked, because the signature is not verified',
  ],
])('asks nobody about a revocation if %s', async (_, path, answer, reason) => {
  answers[`${OURS}/.well-known/${path}`] = answer;
  const { code, stdout, stderr } = await inspect(await tokenOf());
  expect(code).toBe(4);
  expect(stdout).toContain(`Revoked: cannot be known: ${reason}`);
  if (path === 'jwks.json') expect(stderr).toContain('Auth cannot answer now');
  expect(fake.sent.filter(({ method }) => method === 'POST')).toEqual([]);
});

it('knows auth by the name in its metadata, which is not the address that it is asked at', async () => {
  const issuer = 'https://auth.example.com';
  answers[`${OURS}/.well-known/oauth-authorization-server`] = [
    200,
    { issuer, jwks_uri: `${issuer}/.well-known/jwks.json` },
  ];
  const { code, stdout, stderr } = await inspect(await tokenOf({ iss: issuer }));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Revoked: no: It was not revoked');
  expect(fake.sent.every(({ url }) => url.startsWith(OURS))).toBe(true);
  expect((await inspect(await tokenOf())).stdout).toContain('this issuer tells nobody');
});

it.each([
  ['a valid token', () => tokenOf({ iss: 'https://a.test' }), ['--jwks', jwksFile], 0, 'valid'],
  [
    'an expired token',
    () => tokenOf({ iat: SECONDS - 9, exp: SECONDS - 5 }),
    ['--jwks', jwksFile],
    1,
    'invalid',
  ],
  [
    'an expired token with tolerance',
    () => tokenOf({ iat: SECONDS - 9, exp: SECONDS - 5 }),
    ['--jwks', jwksFile, '--skew', '6'],
    0,
    'valid',
  ],
  [
    'a clock that is a second behind',
    () => tokenOf({ iat: SECONDS + 1, exp: SECONDS + 9 }),
    ['--jwks', jwksFile],
    0,
    'valid',
  ],
  [
    'a clock that is a second behind, without tolerance',
    () => tokenOf({ iat: SECONDS + 1, exp: SECONDS + 9 }),
    ['--jwks', jwksFile, '--skew', '0'],
    1,
    'invalid',
  ],
  [
    'another issuer',
    () => tokenOf(),
    ['--jwks', jwksFile, '--issuer', 'https://b.test'],
    1,
    'invalid',
  ],
  ['another audience', () => tokenOf(), ['--audience', 'payments'], 1, 'invalid'],
  [
    'the expected audience and type',
    () => tokenOf(),
    ['--audience', 'orders', '--type', 'at+jwt'],
    0,
    'valid',
  ],
  ['another type', () => tokenOf(), ['--type', 'JWT'], 1, 'invalid'],
  ['no key', () => tokenOf({ iss: 'https://a.test' }), [], 4, 'unverified'],
  ['no token', () => 'hello', [], 1, 'not_a_token'],
  ['a JWE', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA', [], 4, 'encrypted'],
  ['a header around it', async () => `Authorization: Bearer ${await tokenOf()}\n`, [], 0, 'valid'],
])('exits by the verdict: %s', async (_, make, args, code, verdict) => {
  const outcome = await fake.runWith(await make(), 'inspect', '-', '--json', ...args);
  expect([outcome.code, verdictOf(outcome)]).toEqual([code, verdict]);
  expect(outcome.stdout).toMatch(/^[^\n]+\n$/);
});

it('reads a token from standard input, and keys of each form', async () => {
  const secret = file('secret', 'a secret of thirty-two characters.\n');
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from('a secret of thirty-two characters.'));
  const outcome = await fake.runWith(`${token}\n`, 'inspect', '--secret-file', secret, '--json');
  expect([outcome.code, outcome.stderr]).toEqual([0, '']);
  expect(outcome.stdout).not.toContain('thirty-two');
  expect(outcome.stdout).not.toContain(Buffer.from('thirty-two').toString('base64url').slice(0, 8));
  expect(
    (
      await fake.runWith(
        await tokenOf(),
        'inspect',
        '--key',
        file('key', JSON.stringify(JWKS.keys[0])),
      )
    ).code,
  ).toBe(0);
});

it('discovers the keys of an issuer, also by OpenID Connect, but not of one that names another', async () => {
  const issuer = 'https://a.test/realms/x';
  const token = await tokenOf({ iss: issuer });
  answers[`${issuer}/.well-known/openid-configuration`] = [
    200,
    { issuer, jwks_uri: 'https://a.test/keys' },
  ];
  answers['https://a.test/keys'] = [200, JWKS];
  expect((await inspect(token, '--issuer', issuer)).code).toBe(0);
  expect(fake.sent.map(({ url }) => url)).toEqual([
    `${OURS}/.well-known/oauth-authorization-server`,
    'https://a.test/.well-known/oauth-authorization-server/realms/x',
    `${issuer}/.well-known/openid-configuration`,
    'https://a.test/keys',
  ]);
  answers[`${issuer}/.well-known/openid-configuration`] = [
    200,
    { issuer: 'https://b.test', jwks_uri: 'https://a.test/keys' },
  ];
  const { code, stderr } = await inspect(token, '--issuer', issuer);
  expect([code, stderr]).toEqual([4, expect.stringContaining('names another issuer')]);
});

it.each<[title: string, answer: FakeAnswer | Error, reason: string]>([
  ['nobody answers', new TypeError('fetch failed'), 'fetch failed'],
  ['the answer is a redirect', [302, ''], 'the status was 302'],
  ['the answer is too large', [200, 'x'.repeat(1024 * 1024 + 1)], 'larger than 1 MiB'],
])('decodes the token also if %s', async (_, answer, reason) => {
  answers['https://a.test/jwks'] = answer;
  const { code, stdout, stderr } = await inspect(await tokenOf(), '--jwks', 'https://a.test/jwks');
  expect([code, stderr]).toEqual([4, expect.stringContaining(reason)]);
  expect(stdout).toContain('"orders"');
});

it.each([
  [
    'a key set over plain HTTP',
    ['--jwks', 'http://a.test/jwks'],
    'must not be fetched over http://',
  ],
  ['a password in the URL', ['--jwks', 'https://a:b@a.test/jwks'], 'must not have a user name'],
  ['a URL that is none', ['--jwks', 'https://'], 'is not a URL'],
  ['a file that does not exist', ['--key', '/nowhere'], 'cannot be read'],
  ['a file without a key', ['--key', file('text', 'hello')], 'neither a JWK'],
  ['a negative tolerance', ['--skew', '-1'], 'seconds'],
])('refuses %s', async (_, args, title) => {
  const { code, stderr } = await inspect(await tokenOf(), ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(title)]);
  expect(fake.sent).toEqual([]);
});

it.each([
  ['', 'There is no token'],
  [`${await tokenOf()} ${await tokenOf({ jti: 'other' })}`, 'There are 2 tokens'],
])('refuses a text without exactly one token', async (text, title) => {
  const { code, stderr } = await fake.runWith(text, 'inspect');
  expect([code, stderr]).toEqual([2, expect.stringContaining(title)]);
});

it('prints nothing that a terminal acts on', async () => {
  const claims = {
    note: '\u001b[2J\u202e<script>\u0007',
    ['\u001b]0;x']: 1,
    iss: 'https://a.test',
  };
  for (const args of [[], ['--json']]) {
    const { stdout } = await inspect(await tokenOf(claims), '--jwks', jwksFile, ...args);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});
