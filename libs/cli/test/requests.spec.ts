import { FakeProcess, type FakeAnswer } from './fake-process.js';

const DATE = '2026-11-30T12:00:00.000Z';
const SID = '0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11';
const USER = {
  ...{ id: SID, username: 'ada', roles: ['support'], scopes: ['orders:read'] },
  ...{ disabled: false, createdAt: DATE },
};
const CLIENT = {
  ...{ clientId: 'shipping', source: 'managed', scopes: ['orders:read'] },
  ...{ exchange: { inventory: null }, createdAt: DATE },
  credentials: [{ kind: 'secret', id: SID, createdAt: DATE }],
};
const DONE: FakeAnswer = [204];
const PENDING: FakeAnswer = [202, { recorded: true, accessTokensMayLiveSeconds: 480 }];

let fake: FakeProcess;
beforeEach(() => {
  fake = new FakeProcess(() => DONE);
});
afterEach(() => fake.close());

/** The requests of a command, and the answer to each. */
const COMMANDS: readonly [args: string, answer: FakeAnswer, requests: string[], body?: object][] = [
  ['client list', [200, { clients: [CLIENT] }], ['GET /admin/clients']],
  ['client show shipping', [200, CLIENT], ['GET /admin/clients/shipping']],
  [
    'client add shipping --scope a --scope b --scope a --exchange x --exchange y=p,q',
    [201, { ...CLIENT, clientSecret: 's' }],
    ['POST /admin/clients'],
    { clientId: 'shipping', scopes: ['a', 'b'], exchange: { x: null, y: ['p', 'q'] } },
  ],
  [
    'client change shipping --scope a',
    [200, CLIENT],
    ['PATCH /admin/clients/shipping'],
    { scopes: ['a'] },
  ],
  [
    'client rotate shipping',
    [201, { ...CLIENT.credentials[0], clientSecret: 's' }],
    ['POST /admin/clients/shipping/credentials'],
    {},
  ],
  ['client revoke shipping -y', DONE, ['POST /admin/clients/shipping/revoke']],
  ['client remove shipping -y', DONE, ['DELETE /admin/clients/shipping']],
  ['user list', [200, { users: [USER] }], ['GET /admin/users?limit=100']],
  ['user disable ADA -y', DONE, ['POST /admin/users/ada/disable']],
  ['user enable Ada', DONE, ['POST /admin/users/ada/enable']],
  ['user enable Νίκος', DONE, ['POST /admin/users/%CE%BD%CE%AF%CE%BA%CE%BF%CF%83/enable']],
  ['user scopes ada', [200, USER], ['GET /admin/users/ada']],
  ['sessions list ada', [200, { sessions: [] }], ['GET /admin/users/ada/sessions']],
  [`sessions end ${SID}`, DONE, [`DELETE /admin/sessions/${SID}`]],
  ['sessions end --all ada -y', DONE, ['DELETE /admin/users/ada/sessions']],
  ['sessions end --others -y', DONE, ['DELETE /sessions']],
  ['keys list', [200, { keys: [] }], ['GET /admin/signing-keys']],
  ['audit', [200, { events: [] }], ['GET /admin/audit?limit=50']],
  [
    'audit --event login_failed --client web --since 2026-11-30T12:00+01:00 --until 2026-12-01 --limit 7',
    [200, { events: [] }],
    [
      'GET /admin/audit?event=login_failed&client=web&since=2026-11-30T11%3A00%3A00.000Z' +
        '&until=2026-12-01T00%3A00%3A00.000Z&limit=7',
    ],
  ],
  ['keys rotate', [200, { keyId: 'k' }], ['POST /admin/signing-keys/rotate']],
  ['keys revoke k -y', DONE, ['POST /admin/signing-keys/k/revoke']],
];

it.each(COMMANDS)(
  'latchkey %s sends the request of the API',
  async (...[args, answer, requests, body]) => {
    fake.answer = () => answer;
    expect(await fake.run(...args.split(' '))).toMatchObject({ code: 0 });
    const base = 'http://localhost:4000';
    expect(fake.sent.map(({ method, url }) => `${method} ${url.replace(base, '')}`)).toEqual(
      requests,
    );
    expect(fake.sent[0]!.body).toEqual(body);
    expect(fake.sent[0]!.headers['authorization']).toBe('Bearer a-token');
    expect(fake.sent[0]!.redirect).toBe('manual');
  },
);

it.each([
  ['client', 'revoke', 'shipping', '-y'],
  ['client', 'remove', 'shipping', '-y'],
  ['user', 'disable', 'ada', '-y'],
  ['user', 'reset-password', 'ada'],
  ['sessions', 'end', SID],
  ['sessions', 'end', '--all', 'ada', '-y'],
  ['sessions', 'end', '--others', '-y'],
  ['keys', 'revoke', 'k', '-y'],
])('latchkey %s %s tells "recorded" from "published"', async (...args) => {
  const outcomes = [];
  for (const answer of [DONE, PENDING]) {
    fake.answer = () => answer;
    const text = await fake.run(...args);
    const json = JSON.parse((await fake.run(...args, '--json')).stdout) as { published: boolean };
    outcomes.push([`${text.stdout}${text.stderr}`.includes('up to 480 s'), json.published]);
  }
  expect(outcomes).toEqual([
    [false, true],
    [true, false],
  ]);
});

it('fetches the pages of a list one after the other', async () => {
  const names = ['ada', 'a-much-longer-name', 'bob'];
  fake.answer = ({ url }) => {
    const page = Number(/after=.*(\d)$/.exec(url)?.[1] ?? 0);
    const next = page < 2 && { next: `${SID.slice(0, -1)}${page + 1}` };
    return [200, { users: [{ ...USER, username: names[page] }], ...next }];
  };
  const { stdout } = await fake.run('user', 'list', '--json');
  const { users } = JSON.parse(stdout) as { users: { username: string }[] };
  expect(users.map(({ username }) => username)).toEqual(names);
  expect(
    (await fake.run('user', 'list')).stdout.split('\n').map((line) => line.split(' ')[0]),
  ).toEqual([...['USER', ...names, '']]);
});

it('looks up users by name, and shows as many events as it is asked for', async () => {
  const events = (count: number) =>
    Array.from({ length: count }, () => ({
      ...{ id: SID, at: '2026-11-30T12:00:00.123Z', event: 'login', subject: SID },
      details: { credential: 'tokens', scope: ['a\u001b[2J'] },
    }));
  fake.answer = ({ url }) => {
    if (url.includes('/users/')) return [200, USER];
    const limit = Number(/limit=(\d+)/.exec(url)![1]);
    return [200, { events: events(limit), next: SID }];
  };
  const { stdout } = await fake.run('audit', '--user', 'ada', '--by', 'Bob', '--limit', '130');
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(131);
  expect(lines[1]).toMatch(/^2026-11-30T12:00:00Z  login +\S+ +credential=tokens scope=/);
  expect(stdout).not.toContain('\u001b');
  expect(fake.sent.map(({ url }) => url.replace('http://localhost:4000/admin', ''))).toEqual([
    '/users/ada',
    '/users/bob',
    `/audit?subject=${USER.id}&by=${USER.id}&limit=100`,
    `/audit?subject=${USER.id}&by=${USER.id}&limit=30&after=${SID}`,
  ]);
});

it('ends with an error if a later page cannot be read', async () => {
  fake.answer = ({ url }) =>
    url.includes('after') ? [503, ''] : [200, { users: [USER], next: SID }];
  const { code, stdout } = await fake.run('user', 'list', '--json');
  expect(code).toBe(3);
  expect(() => JSON.parse(stdout) as unknown).toThrow(SyntaxError);
});

it('gives roles, takes them away, and does not do both', async () => {
  fake.answer = ({ method }) => (method === 'PUT' ? DONE : [200, USER]);
  await fake.run('user', 'scopes', 'ada', '--role', 'Support', '--role', 'admin');
  await fake.run('user', 'scopes', 'ada', '--no-roles');
  const puts = fake.sent.filter(({ method }) => method === 'PUT');
  expect(puts.map(({ body }) => body)).toEqual([{ roles: ['support', 'admin'] }, { roles: [] }]);
  const both = await fake.run('user', 'scopes', 'ada', '--role', 'admin', '--no-roles');
  expect(both.code).toBe(2);
});

it('generates a new password each time', async () => {
  fake.answer = () => [201, USER];
  const first = await fake.run('user', 'create', 'ada', '--json');
  const second = await fake.run('user', 'create', 'ada', '--json');
  const passwords = [first, second].map(
    ({ stdout }) => (JSON.parse(stdout) as { password: string }).password,
  );
  expect(passwords).toEqual(fake.sent.map(({ body }) => (body as { password: string }).password));
  expect(new Set(passwords).size).toBe(2);
});

it('takes a password from stdin without its line break', async () => {
  for (const input of ['pass word\n', 'pass word\r\n', 'pass word'])
    await fake.runWith(input, 'user', 'reset-password', 'ada', '--password-stdin');
  expect(fake.sent.map(({ body }) => body)).toEqual(Array(3).fill({ password: 'pass word' }));
  const empty = await fake.runWith('\n', 'user', 'reset-password', 'ada', '--password-stdin');
  expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('at least 8 bytes') });
  const huge = await fake.runWith('x'.repeat(70_000), 'login', 'ada', '--password-stdin');
  expect(huge).toMatchObject({ code: 2, stderr: 'latchkey: The input is too large\n' });
});
