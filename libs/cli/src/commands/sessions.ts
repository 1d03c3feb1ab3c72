import { SessionListReply } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import { usageError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import {
  example,
  sessionId,
  username,
  yesOption,
  type Confirmable,
  type Invoke,
} from './arguments.js';
import { onePage, published, time } from './publication.js';

type Session = SessionListReply['sessions'][number];

const COLUMNS = [
  { heading: 'SESSION', cell: ({ sid }: Session) => sid },
  { heading: 'LOGGED IN', cell: ({ createdAt }: Session) => time(createdAt) },
  { heading: 'LAST USED', cell: ({ lastUsedAt }: Session) => time(lastUsedAt) },
  { heading: 'EXPIRES', cell: ({ expiresAt }: Session) => time(expiresAt) },
  { heading: 'ADDRESS', cell: addressesOf },
  {
    heading: 'USER AGENT',
    cell: ({ userAgent, current }: Session) => `${userAgent ?? ''}${current ? ' (this one)' : ''}`,
  },
];

/** The address of the last use, after that of the log-in if it is another one. */
function addressesOf({ loginAddress, lastAddress }: Session): string {
  const moved = loginAddress !== null && lastAddress !== null && loginAddress !== lastAddress;
  return moved ? `${loginAddress} → ${lastAddress}` : (lastAddress ?? loginAddress ?? '');
}

const pathOf = (name: string) => `/admin/users/${encodeURIComponent(name)}/sessions`;

interface EndOptions extends Confirmable {
  readonly all?: string;
  readonly others?: true;
}

/** `latchkey sessions …`: the log-ins of users. */
export function addSessionsCommands(program: Command, invoke: Invoke): void {
  const sessions = program
    .command('sessions')
    .description("list and end users' sessions")
    .addHelpText('after', example('latchkey sessions list ada'));

  sessions
    .command('list')
    .description("list a user's live sessions, the newest first")
    .argument('<username>', 'whose', username)
    .addHelpText('after', example('latchkey sessions list ada'))
    .action(async (name: string, _options: object, command: Command) => {
      const cli = invoke(command);
      const reply = cli.api().get(pathOf(name), SessionListReply);
      await cli.output.list('sessions', onePage(reply.then((list) => list.sessions)), COLUMNS);
    });

  sessions
    .command('end')
    .description('end a session, several or all of a user; every service rejects their tokens')
    .argument('[session]', 'the id, which `latchkey sessions list` shows', sessionId)
    .option('--all <username>', 'end all sessions of this user instead', username)
    .option('--others', 'end all of your own sessions but the one that this command uses')
    .addOption(yesOption())
    .addHelpText(
      'after',
      example(
        'latchkey sessions end 0197a2b0-6c1e-7c52-9b6e-3f1f0c5d8a11',
        'latchkey sessions end --all ada',
        'latchkey sessions end --others',
      ),
    )
    .action(async (id: string | undefined, options: EndOptions, command: Command) => {
      const { all, others, yes } = options;
      if ([id, all, others].filter((each) => each !== undefined).length !== 1)
        throw usageError('Name either a session, or a user with --all, or --others');
      const cli = invoke(command);
      if (id !== undefined) await endOne(cli, id);
      else await (all === undefined ? endOthers(cli, yes) : endAll(cli, all, yes));
    });
}

async function endOne(cli: Invocation, sid: string): Promise<void> {
  const outcome = await cli.api().act('DELETE', `/admin/sessions/${sid}`);
  cli.output.done(
    { sid, ended: true, ...outcome },
    published(`Ended the session ${sid}.`, outcome),
  );
}

async function endOthers(cli: Invocation, yes: boolean | undefined): Promise<void> {
  const api = cli.api();
  await cli.confirm('End all of your sessions but this one?', yes);
  const outcome = await api.act('DELETE', '/sessions');
  const document = { others: true, ended: true, ...outcome };
  cli.output.done(document, published('Ended all of your other sessions.', outcome));
}

async function endAll(cli: Invocation, name: string, yes: boolean | undefined): Promise<void> {
  const api = cli.api();
  await cli.confirm(`End all sessions of ${name}?`, yes);
  const outcome = await api.act('DELETE', pathOf(name));
  const document = { username: name, ended: true, ...outcome };
  cli.output.done(document, published(`Ended all sessions of ${name}.`, outcome));
}
