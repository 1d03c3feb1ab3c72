import type { LatchkeyStack } from '@latchkey/local-stack';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LatchkeyCommand, Outcome } from './latchkey-command.js';

/** A command, and the auth service that it administers. */
interface Administered {
  readonly cli: LatchkeyCommand;
  readonly stack: LatchkeyStack;
}

/** Logs in with the password on stdin. */
export const logInAsAdmin = ({ cli, stack: { admin } }: Administered): Promise<Outcome> =>
  cli.run(['login', admin.name, '--password-stdin'], { input: `${admin.secret}\n` });

/** Tests of `latchkey login` and `latchkey logout`. @param of what the current test has */
export function describeLogIn(of: () => Administered): void {
  describe('a log-in', () => {
    it('is kept for the next command, in a file of the user alone, until log-out', async () => {
      const outcome = await logInAsAdmin(of());
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(outcome.stdout).toMatch(/^Logged in at \S+ as admin until \S+Z\.\n$/);
      expect(statSync(of().cli.loginFile).mode & 0o777).toBe(0o600);
      expect(statSync(join(of().cli.loginFile, '..')).mode & 0o777).toBe(0o700);
      // The file names the server.
      expect(
        (await of().cli.run(['keys', 'list'], { env: { LATCHKEY_URL: undefined } })).code,
      ).toBe(0);
      const { accessToken: token } = JSON.parse(readFileSync(of().cli.loginFile, 'utf8')) as {
        accessToken: string;
      };
      expect((await of().cli.run(['logout'])).stdout).toMatch(
        /^Logged admin out at .*published to every service\.\n$/,
      );
      expect((await of().cli.run(['keys', 'list'])).stderr).toMatch(
        /^latchkey: Nobody is logged in\n/,
      );
      const late = await of().cli.run(['keys', 'list'], { env: { LATCHKEY_TOKEN: token } });
      expect(late).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Try: latchkey login'),
      });
      expect(late.stderr).toContain('(401 invalid_token');
      expect(late.stderr).not.toContain(token);
      expect(await of().cli.run(['logout', '--json'])).toMatchObject({
        code: 0,
        stdout: '{"loggedOut":false}\n',
      });
    });

    it('ends the session of the one before', async () => {
      await logInAsAdmin(of());
      const { accessToken } = JSON.parse(readFileSync(of().cli.loginFile, 'utf8')) as {
        accessToken: string;
      };
      await logInAsAdmin(of());
      const before = await of().cli.run(['keys', 'list'], { env: { LATCHKEY_TOKEN: accessToken } });
      expect(before.code).toBe(1);
      expect((await of().cli.run(['keys', 'list'])).code).toBe(0);
    });

    it('has expired', async () => {
      await logInAsAdmin(of());
      const login = JSON.parse(readFileSync(of().cli.loginFile, 'utf8')) as object;
      const expiresAt = new Date(0).toISOString();
      writeFileSync(of().cli.loginFile, JSON.stringify({ ...login, expiresAt }));
      const outcome = await of().cli.run(['keys', 'list']);
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr).toBe('latchkey: The log-in has expired\n  Try: latchkey login\n');
      // Its session can still be ended.
      expect(await of().cli.run(['logout'])).toMatchObject({ code: 0, stderr: '' });
    });

    it('is refused with a wrong password, which is not repeated', async () => {
      const args = ['login', of().stack.admin.name, '--password-stdin'];
      const outcome = await of().cli.run(args, { input: 'mistyped-secret\n' });
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr).toMatch(/\(401 invalid_credentials/);
      expect(outcome.stderr).not.toContain('mistyped-secret');
    });

    it('asks for the name and the password on a terminal, and does not show the password', async () => {
      const { name, secret } = of().stack.admin;
      const outcome = await of().cli.runOnTerminal(
        ['login'],
        [
          ['User name: ', `${name}\r`],
          ['Password: ', `${secret}\r`],
        ],
      );
      expect(outcome.code).toBe(0);
      expect(outcome.stdout).toMatch(/User name: .*admin.*\r\nPassword: \r\nLogged in at /s);
      expect(outcome.stdout).not.toContain(secret);
      expect((await of().cli.run(['keys', 'list'])).code).toBe(0);
    });

    it.each([
      ['Ctrl-C', '\u0003'],
      ['Ctrl-D', '\u0004'],
    ])('is canceled by %s', async (_, keys) => {
      const outcome = await of().cli.runOnTerminal(['login', 'admin'], [['Password: ', keys]]);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toMatch(/Canceled; nothing was done/);
    });
  });
}
