import { FakeProcess } from './fake-process.js';

let fake: FakeProcess;
beforeEach(() => {
  fake = new FakeProcess(() => new Error('nothing may be sent'));
});
afterEach(() => {
  expect(fake.sent).toEqual([]);
  fake.close();
});

const commandsIn = async (...group: string[]): Promise<string[]> => {
  const { stdout } = await fake.run(...group, '--help');
  const [, list = ''] = /\nCommands:\n(.*?)\n\n/s.exec(stdout) ?? [];
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
};

it('has help with an example at every level', async () => {
  let count = 0;
  for (const group of await commandsIn()) {
    if (group === 'help') continue;
    const commands = (await commandsIn(group)).filter((name) => name !== 'help');
    for (const path of [[group], ...commands.map((name) => [group, name])]) {
      const { code, stdout, stderr } = await fake.run(...path, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: latchkey ${path.join(' ')}`));
      expect(stdout).toMatch(new RegExp(`\nExamples?:\n  latchkey ${path.join(' ')}`));
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(20);
});

it('prints its version', async () => {
  expect(await fake.run('--version')).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
});

it.each([[], ['user'], ['client'], ['sessions'], ['keys']])(
  'shows the help if no command is named: %s',
  async (...group: string[]) => {
    const text = await fake.run(...group);
    expect(text).toMatchObject({ code: 2, stdout: '' });
    expect(text.stderr).toContain('Commands:');
    const json = await fake.run(...group, '--json');
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'invalid_usage' });
  },
);

it.each([
  ['clinet list', 'Did you mean client?'],
  ['user lst', 'Did you mean list?'],
  ['user list --jsn', 'Did you mean --json?'],
  ['user disable', "missing required argument 'username'"],
  ['user disable ada bob', 'too many arguments'],
  ['user disable a/b', 'must be letters, digits'],
  ['client add auth', 'must not name the auth service'],
  ['client add 0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11', 'must not be a UUID'],
  ['client add x --scope auth:admin', 'is for users only'],
  ['client add x --exchange =a', 'must begin with a service'],
  ['client add x --exchange y=', 'must not be blank'],
  ['client add x --exchange y --exchange y', 'named twice'],
  ['client add x --key /nonexistent', 'ENOENT'],
  ['client change x', 'Name what to change'],
  ['client rotate x --finish --key y', 'does not use --key'],
  ['sessions end x', 'Invalid UUID'],
  ['sessions end 0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11 --all ada', 'Name either'],
  ['sessions end --others --all ada', 'Name either'],
  ['sessions end', 'Name either'],
  ['audit --event logn', 'Allowed choices are login,'],
  ['audit --since yesterday', 'must be a date'],
  ['audit --since 2026-11-30T12:00', 'must be a date'],
  ['audit --until 2026-13-01', 'must be a date'],
  ['audit --limit 0', 'must be a number above 0'],
  ['audit --client a/b', 'must match pattern'],
  ['keys revoke a/b', 'must match pattern'],
  ['keys list --timeout 0', 'more than 0'],
  ['keys list --timeout soon', 'more than 0'],
  ['keys list --url ftp://localhost', 'must begin with https://'],
  ['keys list --url localhost:4000', 'must begin with https://'],
  ['user create ada --role 1st', 'must be lower-case letters'],
  ['login', 'no terminal'],
  ['login ada', '--password-stdin'],
])('exits with 2: latchkey %s', async (args, message) => {
  const { code, stdout, stderr } = await fake.run(...args.split(' '));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

it.each(['', ' ', '\t'])('exits with 2 for the blank value %j', async (blank) => {
  for (const args of [
    ['user', 'enable', blank],
    ['client', 'show', blank],
    ['user', 'create', 'ada', '--role', blank],
    ['client', 'add', 'x', '--scope', blank],
    ['client', 'add', 'x', '--exchange', blank],
    ['keys', 'list', '--url', blank],
  ])
    expect(await fake.run(...args)).toMatchObject({ code: 2, stdout: '' });
});

it.each([
  [{ LATCHKEY_TOKEN: ' ' }, 'LATCHKEY_TOKEN is blank'],
  [{ LATCHKEY_URL: ' ' }, 'LATCHKEY_URL is blank'],
  [{ LATCHKEY_TOKEN_FILE: '/x' }, 'remove one of them'],
  [{ LATCHKEY_TOKEN: 'two words' }, 'does not contain an access token'],
  [{ LATCHKEY_TOKEN: 'line\nbreak' }, 'does not contain an access token'],
])('exits with 2 for the environment %j', async (env, message) => {
  fake.env = { ...fake.env, ...env };
  const { code, stderr } = await fake.run('keys', 'list');
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('two words');
});

it('takes an empty variable for an absent one', async () => {
  fake.env = { XDG_CONFIG_HOME: fake.directory, LATCHKEY_TOKEN: '', LATCHKEY_URL: '' };
  expect((await fake.run('keys', 'list')).stderr).toContain('Nobody is logged in');
});

it('exits with 2 for a token file that cannot be read', async () => {
  fake.env = { XDG_CONFIG_HOME: fake.directory, LATCHKEY_TOKEN_FILE: '/nonexistent' };
  expect((await fake.run('keys', 'list')).stderr).toContain('ENOENT');
});
