import { AuthClient, decodeUnverified, type LatchkeyStack } from '@latchkey/local-stack';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStack, type RunningStack } from '../../src/running-stack.js';
import { describeInspect } from './inspect.suite.js';
import { describeLogIn, logInAsAdmin } from './log-in.suite.js';
import { LatchkeyCommand, type Outcome } from './latchkey-command.js';
import { publicKeyPem, SCENARIOS, World } from './scenarios-fixture.js';

let running: RunningStack;
let stack: LatchkeyStack;
let world: World;
let cli: LatchkeyCommand;
/** An administrator's token, as an environment. */
let admin: { LATCHKEY_TOKEN: string };

beforeAll(async () => {
  // Only auth: no service has to hear of anything.
  running = await startStack({
    ...{ publishAheadSeconds: 1, startedReplicas: [] },
    // The administrator's token has to outlive all tests.
    env: { auth: { ACCESS_TOKEN_LIFETIME_SECONDS: '3600' } },
  });
  stack = running.stack;
  world = await World.of(new AuthClient(stack.issuer), stack.admin);
  admin = { LATCHKEY_TOKEN: world.token };
});
afterAll(() => running?.close());
beforeEach(() => {
  cli = new LatchkeyCommand({ LATCHKEY_URL: stack.issuer });
});
afterEach(() => cli.close());

const asAdmin = (...args: string[]) => cli.run(args, { env: admin });
const logIn = () => logInAsAdmin({ cli, stack });
const problemIn = ({ stderr }: Outcome): { code: string } => JSON.parse(stderr) as { code: string };

describe.each(Object.entries(SCENARIOS))('latchkey %s', (name, prepare) => {
  it('prints text', async () => {
    const { args, input, text, note } = await prepare(world);
    const all = [...name.split(' '), ...args];
    const outcome = await cli.run(all, { env: admin, ...(input && { input }) });
    expect(outcome).toMatchObject({ code: 0, stderr: note ? expect.stringMatching(note) : '' });
    for (const line of text) expect(outcome.stdout).toMatch(line);
  });

  it('prints one JSON document with --json', async () => {
    const { args, input, json } = await prepare(world);
    const all = [...name.split(' '), ...args, '--json'];
    const outcome = await cli.run(all, { env: admin, ...(input && { input }) });
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(outcome.stdout)).toEqual(json);
  });

  it('is refused without the role admin, and says what to do', async () => {
    const { args } = await prepare(world);
    const user = await world.user();
    const env = { LATCHKEY_TOKEN: (await user.logIn()).access_token };
    const all = [...name.split(' '), ...args];
    const outcome = await cli.run(all, { env });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^ {2}Try: log in as a user with the role admin/m);
    expect(outcome.stderr).toMatch(/^ {2}\(403 insufficient_scope, request [0-9a-f-]{36}\)$/m);
    const asJson = await cli.run([...all, '--json'], { env });
    expect(asJson).toMatchObject({ code: 1, stdout: '' });
    expect(problemIn(asJson)).toMatchObject({ status: 403, code: 'insufficient_scope' });
  });
});

it('has a scenario for each command in the help, apart from login and logout', async () => {
  const commandsIn = async (...group: string[]) => {
    const { stdout } = await cli.run([...group, '--help']);
    const [, list = ''] = /\nCommands:\n(.*?)\n\n/s.exec(stdout) ?? [];
    return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
  };
  const groups = (await commandsIn()).filter((name) => !/^(login|logout|inspect|help)$/.test(name));
  const commands: string[] = [];
  for (const group of groups) {
    const names = (await commandsIn(group)).filter((name) => name !== 'help');
    // A command that is not a group lists none.
    commands.push(...(names.length > 0 ? names.map((name) => `${group} ${name}`) : [group]));
  }
  expect(commands.sort()).toEqual(Object.keys(SCENARIOS).sort());
});

describeLogIn(() => ({ cli, stack }));

describeInspect(() => ({ cli, world }));

describe('a command that cannot be undone', () => {
  it('asks on a terminal, and does nothing unless the answer is yes', async () => {
    await logIn();
    const { username } = await world.user();
    const answered = (keys: string) =>
      cli.runOnTerminal(['user', 'disable', username], [['[y/N] ', keys]]);
    const disabled = async () =>
      ((await world.as('GET', `/users/${username}`)) as { disabled: boolean }).disabled;
    for (const no of ['n\r', '\r', 'yeah\r', '\u0003']) expect((await answered(no)).code).toBe(1);
    expect(await disabled()).toBe(false);
    expect((await answered('y\r')).code).toBe(0);
    expect(await disabled()).toBe(true);
  });
});

describe('the credentials of a client', () => {
  it('are rotated in two steps', async () => {
    const id = await world.client();
    const credentials = async () =>
      ((await world.as('GET', `/clients/${id}`)) as { credentials: { id: string }[] }).credentials;
    const [older] = await credentials();
    expect(await asAdmin('client', 'rotate', id, '--finish', '--yes')).toMatchObject({ code: 1 });
    const rotated = JSON.parse((await asAdmin('client', 'rotate', id, '--json')).stdout) as {
      id: string;
    };
    const third = await asAdmin('client', 'rotate', id);
    expect(third.stderr).toMatch(/Try: finish the last rotation first.*\n.*too_many_credentials/);
    const finished = await asAdmin('client', 'rotate', id, '--finish', '--yes', '--json');
    expect(JSON.parse(finished.stdout)).toEqual({
      ...{ clientId: id, credentialId: older!.id, removed: true },
    });
    expect((await credentials()).map((one) => one.id)).toEqual([rotated.id]);
  });

  it('are public keys, from a file or from stdin', async () => {
    const file = join(cli.configuration, 'public.pem');
    writeFileSync(file, publicKeyPem());
    const id = `keyed-${Date.now()}`;
    const added = await asAdmin('client', 'add', id, '--key', file, '--json');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const reply = JSON.parse(added.stdout) as { credentials: object[]; clientSecret?: string };
    expect(reply.credentials).toMatchObject([{ kind: 'key' }]);
    expect(reply.clientSecret).toBeUndefined();
    const args = ['client', 'rotate', id, '--key', '-'];
    const rotated = await cli.run(args, { env: admin, input: publicKeyPem() });
    expect(rotated.code).toBe(0);
    expect(rotated.stdout).toMatch(/^kid +\S+$/m);
    expect(rotated.stdout).not.toMatch(/^secret/m);
  });
});

describe('the roles of a user', () => {
  it('are replaced, and determine the scopes', async () => {
    const { username } = await world.user();
    const promoted = await asAdmin('user', 'scopes', username, '--role', 'Admin');
    expect(promoted).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('published to every service'),
    });
    expect(promoted.stdout).toMatch(/^roles +admin\nscopes +.*auth:admin/m);
    const demoted = await asAdmin('user', 'scopes', username, '--no-roles', '--json');
    expect(JSON.parse(demoted.stdout)).toMatchObject({ username, roles: [], published: true });
    const unknown = await asAdmin('user', 'scopes', username, '--role', 'nobody');
    expect(unknown.stderr).toMatch(/the known roles are .*\n.*\/roles\/0 is unknown/);
  });

  it('keep the last administrator', async () => {
    await world.demoteOthers();
    for (const args of [
      ['disable', 'ADMIN', '--yes'],
      ['scopes', 'admin', '--no-roles'],
    ]) {
      const outcome = await asAdmin('user', ...args);
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr).toMatch(/^latchkey: This is the only enabled administrator\n/);
      expect(outcome.stderr).toMatch(/\(409 last_administrator/);
    }
  });
});

describe('a password', () => {
  it('that was generated lets the user log in', async () => {
    const { username } = await world.user();
    const { stdout } = await asAdmin('user', 'reset-password', username, '--json');
    const { password } = JSON.parse(stdout) as { password: string };
    expect(await world.auth.logIn({ username, password })).toHaveProperty('access_token');
  });

  it('from stdin is not printed', async () => {
    const { username } = await world.user();
    const password = 'another battery staple';
    const args = ['user', 'reset-password', username, '--password-stdin'];
    const outcome = await cli.run(args, { env: admin, input: `${password}\n` });
    expect(outcome.code).toBe(0);
    expect(outcome.stdout + outcome.stderr).not.toContain(password);
    expect(await world.auth.logIn({ username, password })).toHaveProperty('access_token');
  });

  it('that auth finds too easy is refused with its reason', async () => {
    const args = ['user', 'create', 'grace', '--password-stdin', '--json'];
    const outcome = await cli.run(args, { env: admin, input: 'password1' });
    expect(outcome.code).toBe(1);
    expect(problemIn(outcome).code).toBe('common_password');
  });
});

it('lists every user of many pages once', async () => {
  // Few at a time, because each registration hashes a password.
  for (let count = 0; count < 105; count += 5)
    await Promise.all(Array.from({ length: 5 }, () => world.user()));
  const { users } = JSON.parse((await asAdmin('user', 'list', '--json')).stdout) as {
    users: { username: string }[];
  };
  const names = users.map(({ username }) => username);
  expect(names.length).toBeGreaterThan(105);
  expect(new Set(names).size).toBe(names.length);
  const { stdout } = await asAdmin('user', 'list');
  expect(stdout.trimEnd().split('\n')).toHaveLength(names.length + 1);
});

it('ends all sessions of a user', async () => {
  const user = await world.user();
  const { access_token: token } = await user.logIn();
  const all = await asAdmin('sessions', 'end', '--all', user.username.toUpperCase(), '--yes');
  expect(all.stdout).toBe(
    `Ended all sessions of ${user.username}. It was published to every service.\n`,
  );
  expect((await world.auth.send('GET', '/sessions', { token })).status).toBe(401);
});

describe('while NATS is down', () => {
  beforeAll(() => stack.nats.stop());
  afterAll(() => stack.nats.restart());

  it('a revocation is done, and the command says that services do not know of it yet', async () => {
    const [one, other] = [await world.user(), await world.user()];
    const { sid } = decodeUnverified((await one.logIn()).access_token).claims;
    const ended = await asAdmin('sessions', 'end', sid);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(
      /^Ended the session .* It is recorded, but not published yet, .* for up to \d+ s/,
    );
    const disabled = await asAdmin('user', 'disable', other.username, '--yes', '--json');
    expect(JSON.parse(disabled.stdout)).toEqual({
      ...{ username: other.username, disabled: true, published: false },
      accessTokensMayLiveSeconds: expect.any(Number),
    });
  });
});

it('exits with 3 while auth cannot be reached, and keeps the log-in for a later log-out', async () => {
  await logIn();
  await stack.replicas.auth.stop();
  try {
    const list = await cli.run(['user', 'list']);
    expect(list).toMatchObject({ code: 3, stdout: '' });
    expect(list.stderr).toMatch(/^latchkey: Auth cannot be reached at http:.*\n.*ECONNREFUSED/);
    const logout = await cli.run(['logout', '--json']);
    expect(logout).toMatchObject({ code: 3, stdout: '' });
    expect(problemIn(logout).code).toBe('auth_unreachable');
  } finally {
    await stack.replicas.auth.start();
  }
  expect((await cli.run(['logout'])).code).toBe(0);
});

it.each([
  ['user', 'enable', 'nobody-has-this-name', 'user_not_found', 'latchkey user list'],
  ['client', 'show', 'nobody', 'client_not_found', 'latchkey client list'],
  [
    ...(['sessions', 'end', '00000000-0000-4000-8000-000000000000'] as const),
    ...['session_not_found', 'latchkey sessions list USERNAME'],
  ],
])('says what to do if there is no such thing: %s %s', async (...row) => {
  const [group, command, id, code, hint] = row as [string, string, string, string, string];
  const outcome = await asAdmin(group, command, id);
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain(`  Try: ${hint}\n  (404 ${code}, request `);
});
