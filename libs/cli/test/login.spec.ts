import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeProcess, NOW, type FakeAnswer, type Sent } from './fake-process.js';

const URL_A = 'https://auth.example.com';
const TOKENS = {
  ...{ access_token: 'the-token', token_type: 'Bearer', expires_in: 300 },
  ...{ scope: 'orders:read auth:admin', refresh_token: 'the-refresh-token' },
};
const OK = ({ url }: Sent): FakeAnswer => {
  if (url.endsWith('/login')) return [200, TOKENS];
  return url.endsWith('/logout') ? [204] : [200, { keys: [] }];
};
const refusal = (status: number, code: string): FakeAnswer => [
  status,
  { type: `urn:latchkey:problem:${code}`, title: 'No', status, code },
];

let fake: FakeProcess;
let file: string;
beforeEach(() => {
  fake = new FakeProcess(OK);
  fake.env = { XDG_CONFIG_HOME: fake.directory };
  file = join(fake.directory, 'latchkey', 'login.json');
});
afterEach(() => fake.close());
const logIn = (...args: string[]) =>
  fake.runWith('secret\n', 'login', 'Ada', '--password-stdin', ...args);
const write = (text: string, mode = 0o600) => {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
};

it('keeps the access token for its server, but no refresh token', async () => {
  const { code, stdout, stderr } = await logIn('--url', `${URL_A}/`, '--json');
  const expiresAt = new Date(NOW + 300_000).toISOString();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ url: URL_A, username: 'ada', expiresAt });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    ...{ url: URL_A, username: 'ada', accessToken: 'the-token', expiresAt },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await fake.run('keys', 'list');
  expect(fake.sent.at(-1)).toMatchObject({
    url: `${URL_A}/admin/signing-keys`,
    headers: { authorization: 'Bearer the-token' },
  });
});

it('never sends a token to another server than the one that issued it', async () => {
  await logIn('--url', URL_A);
  const sent = fake.sent.length;
  const other = await fake.run('keys', 'list', '--url', 'https://other.example.com');
  expect(other).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`logged in at ${URL_A}`),
  });
  expect(fake.sent).toHaveLength(sent);
  fake.env = { ...fake.env, LATCHKEY_TOKEN: 'another' };
  await fake.run('keys', 'list');
  expect(fake.sent.at(-1)!.url).toBe('http://localhost:4000/admin/signing-keys');
});

it('prefers a token of the environment, also from a file', async () => {
  await logIn();
  const path = join(fake.directory, 'token');
  writeFileSync(path, ' from-a-file\n');
  fake.env = { ...fake.env, LATCHKEY_TOKEN_FILE: path };
  await fake.run('keys', 'list');
  expect(fake.sent.at(-1)!.headers['authorization']).toBe('Bearer from-a-file');
});

it('says when a user is not an administrator', async () => {
  fake.answer = () => [200, { ...TOKENS, scope: 'orders:read' }];
  expect((await logIn()).stderr).toMatch(/^ada is not an administrator/);
});

it('ends the session that it replaces, and says so if it cannot', async () => {
  await logIn();
  await logIn();
  expect(fake.sent.map(({ url }) => url.replace(/.*\//, ''))).toEqual(['login', 'login', 'logout']);
  fake.answer = (sent) => (sent.url.endsWith('/logout') ? refusal(401, 'invalid_token') : OK(sent));
  const again = await logIn();
  expect(again.code).toBe(0);
  expect(again.stderr).toMatch(/previous log-in could not be ended: No/);
});

it.each([
  ['damaged', '{', 0o600],
  ['of another form', '{"accessToken":"x"}', 0o600],
  ['readable by others', JSON.stringify({ url: URL_A }), 0o640],
])('does not use a file that is %s, and replaces it', async (_, text, mode) => {
  write(text, mode);
  expect(await fake.run('keys', 'list')).toMatchObject({ code: 2, stdout: '' });
  expect((await logIn()).code).toBe(0);
  expect((await fake.run('keys', 'list')).code).toBe(0);
});

it('does not use an expired log-in', async () => {
  await logIn();
  fake.now += 300_000;
  const { code, stderr } = await fake.run('keys', 'list', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ code: 'login_expired', hint: 'latchkey login' });
});

describe('logout', () => {
  it('ends the session and deletes the file', async () => {
    await logIn();
    expect((await fake.run('logout')).code).toBe(0);
    expect(fake.sent.at(-1)).toMatchObject({
      method: 'POST',
      headers: { authorization: 'Bearer the-token' },
    });
    expect(existsSync(file)).toBe(false);
  });

  it('deletes the file of a session that auth does not know', async () => {
    await logIn();
    fake.answer = () => refusal(401, 'invalid_token');
    expect((await fake.run('logout')).stdout).toMatch(/Auth did not know the session any more/);
    expect(existsSync(file)).toBe(false);
  });

  it('keeps the file while auth cannot be reached, so that it can be repeated', async () => {
    await logIn();
    fake.answer = () => new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    expect((await fake.run('logout')).code).toBe(3);
    expect(existsSync(file)).toBe(true);
  });

  it('tells "recorded" from "published"', async () => {
    await logIn();
    fake.answer = () => [202, { recorded: true, accessTokensMayLiveSeconds: 480 }];
    expect(JSON.parse((await fake.run('logout', '--json')).stdout)).toEqual({
      ...{ loggedOut: true, published: false, accessTokensMayLiveSeconds: 480 },
    });
  });
});
