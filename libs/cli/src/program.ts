import { Command, InvalidArgumentError } from 'commander';
import { createRequire } from 'node:module';
import { DEFAULT_URL } from './auth/base-url.js';
import { example, type Invoke } from './commands/arguments.js';
import { addAuditCommand } from './commands/audit.js';
import { addClientCommands } from './commands/client.js';
import { addInspectCommand } from './commands/inspect/inspect.js';
import { addKeysCommands } from './commands/keys.js';
import { addLoginCommands } from './commands/login.js';
import { addSessionsCommands } from './commands/sessions.js';
import { addUserCommands } from './commands/user.js';

const DEFAULT_TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 600;

const ENVIRONMENT = `
Environment:
  LATCHKEY_URL         where auth is, instead of --url
  LATCHKEY_TOKEN       an administrator's access token, instead of 'latchkey login'
  LATCHKEY_TOKEN_FILE  a file that contains it
  NODE_EXTRA_CA_CERTS  certificate authorities to trust besides those of Node.js

Exit codes:
  0 done   1 refused by auth, or nobody is logged in   2 wrong usage   3 auth cannot be reached or cannot answer
  inspect: 0 the token is valid   1 it is invalid   4 it could not be checked
`;

/** Where the parser writes help. */
export interface HelpStreams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The commands with their options. Errors and help throw a `CommanderError` instead of ending the process. */
export function createProgram(invoke: Invoke, { out, err }: HelpStreams): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('latchkey')
    .description("Administers Latchkey's auth service over HTTP.")
    .version(version, '-V, --version', 'print the version')
    .option('--url <url>', `where auth is (default: the last log-in's, or ${DEFAULT_URL})`)
    .option('--json', 'print one JSON document; a problem is a problem document on stderr')
    .option(
      '--timeout <seconds>',
      'how long to wait for an answer',
      seconds,
      DEFAULT_TIMEOUT_SECONDS,
    )
    .option('--insecure-http', 'allow http:// to another machine')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', example('latchkey login admin', 'latchkey user list --json') + '\n')
    .addHelpText('after', ENVIRONMENT);
  addLoginCommands(program, invoke);
  addClientCommands(program, invoke);
  addUserCommands(program, invoke);
  addSessionsCommands(program, invoke);
  addKeysCommands(program, invoke);
  addInspectCommand(program, invoke);
  addAuditCommand(program, invoke);
  return program;
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= MAX_TIMEOUT_SECONDS) return value;
  throw new InvalidArgumentError(`It must be more than 0 and at most ${MAX_TIMEOUT_SECONDS}`);
}
