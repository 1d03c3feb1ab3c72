import { CommanderError, type Command } from 'commander';
import { CommandError, EXIT, usageError } from './errors.js';
import { Invocation, type GlobalOptions, type Process } from './invocation.js';
import { createProgram } from './program.js';
import { Output } from './terminal/output.js';

/**
 * Runs one command.
 *
 * @param args of the command line, without the program
 * @returns the exit code
 * @throws only if this program has a bug
 */
export async function run(args: readonly string[], process: Process): Promise<number> {
  // Complaints about the command line itself come before its options are known.
  const output = new Output(process.stdout, process.stderr, args.includes('--json'));
  let help = '';
  let invocation: Invocation | undefined;
  const program = createProgram(
    (command: Command) =>
      (invocation = new Invocation(process, command.optsWithGlobals<GlobalOptions>())),
    { out: (text) => process.stdout.write(text), err: (text) => (help += text) },
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return invocation?.exitCode ?? EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done; // --help, --version
    if (isHelp(error) && !output.json) {
      process.stderr.write(help);
      return EXIT.usage;
    }
    const { exitCode, problem } = failureOf(error);
    output.problem(problem);
    return exitCode;
  }
}

/** The help that is printed for a group of commands without a command. */
const isHelp = (error: unknown): boolean =>
  error instanceof CommanderError && error.code === 'commander.help';

function failureOf(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (!(error instanceof CommanderError)) throw error;
  const hint = 'latchkey --help';
  if (isHelp(error)) return usageError('Name a command', { hint });
  const [title = '', ...suggestions] = error.message.replace(/^error: /, '').split('\n');
  const detail = suggestions.join(' ').replace(/[()]/g, '');
  return usageError(title, { ...(detail !== '' && { detail }), hint });
}
