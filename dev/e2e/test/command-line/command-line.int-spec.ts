import { copyFileSync, mkdirSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BIN, LatchkeyCommand, runProgram, type Outcome } from './latchkey-command.js';

const cli = new LatchkeyCommand({ LATCHKEY_TOKEN: 'a-token' });
afterAll(() => cli.close());

const problemIn = ({ stderr }: Outcome): { code: string } => JSON.parse(stderr) as { code: string };

it('says what to run in a clone that is not compiled', async () => {
  const bin = join(cli.configuration, 'cli', 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(BIN, join(bin, 'latchkey.mjs'));
  expect(await runProgram(join(bin, 'latchkey.mjs'), ['user', 'list'], {})).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: 'latchkey: this clone is not compiled; run `npm run build` in it first\n',
  });
});

describe('without a terminal', () => {
  it.each([
    ['client', 'revoke', 'shipping'],
    ['client', 'remove', 'shipping'],
    ['user', 'disable', 'ada'],
    ['keys', 'revoke', 'some-key'],
    ['sessions', 'end', '--all', 'ada'],
  ])('needs --yes without a terminal: %s %s', async (...args) => {
    const outcome = await cli.run(args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain('Try: add --yes');
  });
});

it.each([
  ['an empty name', ['user', 'disable', '', '--yes'], /username/],
  ['a blank name', ['user', 'disable', '  ', '--yes'], /username/],
  ['a client id with a slash', ['client', 'show', '../users'], /client-id/],
  ['a session that is not an id', ['sessions', 'end', 'ada'], /session/],
  ['nothing to end', ['sessions', 'end'], /Name either a session, or a user/],
  ['an unknown option', ['user', 'list', '--jsno'], /Did you mean --json/],
  ['an unknown command', ['user', 'lsit'], /Did you mean list/],
  ['too many names', ['user', 'enable', 'ada', 'bob'], /too many arguments/],
  ['http:// elsewhere', ['user', 'list', '--url', 'http://192.0.2.1:4000'], /--insecure-http/],
])('exits with 2 for %s', async (_, args, message) => {
  const outcome = await cli.run(args);
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toMatch(message);
  const asJson = await cli.run([...args, '--json']);
  expect(asJson).toMatchObject({ code: 2, stdout: '' });
  expect(problemIn(asJson).code).toBe('invalid_usage');
});

describe('another server than auth', () => {
  const seen: string[] = [];
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close()));

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('does not get the token by a redirect', async () => {
    const target = await serve((request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.end('{"users":[]}');
    });
    const moved = await serve((_, response) => {
      response.writeHead(307, { location: `${target}/admin/users` }).end();
    });
    const outcome = await cli.run(['user', 'list', '--url', moved]);
    expect(outcome).toMatchObject({ code: 3, stdout: '' });
    expect(outcome.stderr).toContain('did not answer as the auth service does');
    expect(seen).toEqual([]);
  });

  it('that does not answer is given up', async () => {
    const silent = await serve(() => undefined);
    const args = ['keys', 'rotate', '--timeout', '0.2', '--json', '--url', silent];
    const outcome = await cli.run(args);
    expect(outcome).toMatchObject({ code: 3, stdout: '' });
    expect(problemIn(outcome)).toMatchObject({
      code: 'auth_timeout',
      detail: expect.stringContaining('it is not known whether the request took effect'),
    });
  });
});

it('ends quietly if the reader of its output has gone', async () => {
  const users = Array.from({ length: 100 }, (_, index) => ({
    ...{ id: '0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11', username: `user-${index}`, disabled: false },
    ...{ roles: [], scopes: ['x'.repeat(100)], createdAt: new Date(0).toISOString() },
  }));
  const next = users[0]!.id;
  const server = createServer((_, response) => response.end(JSON.stringify({ users, next })));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    // Without an end of the list, only the closed pipe can end the command.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outcome = await cli.runUntilOutput(['user', 'list', '--url', url]);
    expect(outcome).toEqual({ code: 0, stderr: '' });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
