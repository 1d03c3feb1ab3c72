import { LoginRequest, TokenReply } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import { CommandError, EXIT } from '../errors.js';
import type { Invocation } from '../invocation.js';
import type { StoredLogin } from '../login/login-file.js';
import { checkedBody, example, username, type Invoke } from './arguments.js';
import { published, time } from './publication.js';

const ADMIN_SCOPE = 'auth:admin';

interface LoginOptions {
  readonly passwordStdin?: boolean;
}

/** `latchkey login` and `latchkey logout`. */
export function addLoginCommands(program: Command, invoke: Invoke): void {
  program
    .command('login')
    .description(
      'log in as an administrator, and keep the access token until it expires. The refresh token is not kept.',
    )
    .argument('[username]', 'who; asked for if it is left out', username)
    .option('--password-stdin', 'read the password from stdin')
    .addHelpText(
      'after',
      example('latchkey login admin', 'latchkey login admin --password-stdin < password.txt'),
    )
    .action(async (name: string | undefined, options: LoginOptions, command: Command) => {
      await logIn(invoke(command), name, options);
    });

  program
    .command('logout')
    .description('end the session of the last log-in, and delete its token')
    .addHelpText('after', example('latchkey logout'))
    .action(async (_options: object, command: Command) => logOut(invoke(command)));
}

async function logIn(
  cli: Invocation,
  name: string | undefined,
  { passwordStdin }: LoginOptions,
): Promise<void> {
  const { url, api } = cli.apiForLogin();
  const asked = name ?? (await cli.ask('User name: ', 'latchkey login USERNAME --password-stdin'));
  const password = await cli.password('Password: ', passwordStdin);
  const body = checkedBody(LoginRequest, { username: asked, password });
  const tokens = await api.send('POST', '/login', body, TokenReply);
  const document = {
    url,
    username: body.username,
    expiresAt: new Date(cli.now + tokens.expires_in * 1_000).toISOString(),
  };
  await endEarlier(cli);
  cli.login.write({ ...document, accessToken: tokens.access_token });
  const until = `until ${time(document.expiresAt)}`;
  cli.output.done(document, `Logged in at ${url} as ${document.username} ${until}.`);
  if (!tokens.scope.split(' ').includes(ADMIN_SCOPE))
    cli.output.note(
      `${document.username} is not an administrator: auth will refuse most commands.`,
    );
}

/** The session that the new log-in replaces would stay open until its refresh token expires. */
async function endEarlier(cli: Invocation): Promise<void> {
  try {
    const earlier = cli.login.read();
    if (earlier) await cli.apiOf(earlier).act('POST', '/logout');
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    cli.output.note(`The session of the previous log-in could not be ended: ${error.message}`);
  }
}

async function logOut(cli: Invocation): Promise<void> {
  const login = cli.login.read();
  if (!login) return cli.output.done({ loggedOut: false }, 'Nobody is logged in.');
  const outcome = await ended(cli, login);
  cli.login.remove();
  const sentence = `Logged ${login.username} out at ${login.url}.`;
  cli.output.done(
    { loggedOut: true, ...outcome },
    outcome ? published(sentence, outcome) : `${sentence} Auth did not know the session any more.`,
  );
}

/** @returns undefined if auth rejects the token, for example because its key was revoked */
async function ended(cli: Invocation, login: StoredLogin) {
  try {
    return await cli.apiOf(login).act('POST', '/logout');
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === EXIT.refused) return undefined;
    throw error;
  }
}
