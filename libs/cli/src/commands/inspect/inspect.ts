import {
  DEFAULT_CLOCK_TOLERANCE_SECONDS,
  decodeToken,
  findTokens,
  judgeToken,
  type Expectations,
  type InspectorKey,
  type Verdict,
} from '@latchkey/inspector';
import { InvalidArgumentError, type Command } from 'commander';
import { EXIT, usageError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';
import { readAll } from '../../terminal/read-input.js';
import { example, type Invoke } from '../arguments.js';
import { givenKeys, issuerKeys, type KeyOptions } from './key-sources.js';
import { askRevocation } from './revocation.js';
import { documentOf, linesOf } from './report.js';
import { ownerOf } from './token-owner.js';

interface InspectOptions extends KeyOptions {
  readonly audience?: string;
  readonly type?: string;
  readonly skew: number;
}

/** More than the inspector reads. */
const MAX_INPUT_BYTES = 16 * 1024 * 1024;

const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  valid: EXIT.done,
  invalid: EXIT.refused,
  not_a_token: EXIT.refused,
  unverified: EXIT.unverified,
  encrypted: EXIT.unverified,
};

const DETAILS = `
The token may be surrounded by other text, such as a whole Authorization header. Other users of this machine can see
the command line in their list of processes, so a token that is still valid should come from standard input.

Without --jwks, --key and --secret-file, the keys come from the metadata of --issuer. A token whose issuer is the auth
service at --url, by the service's metadata, is checked with its keys, and the service is asked whether the token is
revoked. The token is sent nowhere.

Exit codes: 0 valid   1 invalid   2 wrong usage   4 it could not be checked, for example without a key`;

/** `latchkey inspect`: decodes and judges a token of any issuer. */
export function addInspectCommand(program: Command, invoke: Invoke): void {
  program
    .command('inspect')
    .description('decode and judge a token of any issuer')
    .argument('[token]', 'the token; `-`, or nothing in a pipe, for standard input')
    .option('--jwks <url|file>', 'a key set: an https:// URL, or a file')
    .option('--key <file>', 'a key: a JWK, PEM or a certificate')
    .option('--secret-file <file>', 'a shared secret: as text, in base64 or in hexadecimal')
    .option('--issuer <issuer>', 'the issuer (iss) that is expected')
    .option('--audience <audience>', 'the audience (aud) that is expected')
    .option('--type <type>', 'the type (typ) that is expected, such as at+jwt')
    .option(
      '--skew <seconds>',
      'how much clocks may differ',
      seconds,
      DEFAULT_CLOCK_TOLERANCE_SECONDS,
    )
    .addHelpText('after', DETAILS)
    .addHelpText(
      'after',
      example('latchkey inspect - --issuer https://issuer.example.com < token.txt'),
    )
    .action(async (text: string | undefined, options: InspectOptions, command: Command) => {
      await inspect(invoke(command), text, options);
    });
}

async function inspect(
  cli: Invocation,
  argument: string | undefined,
  options: InspectOptions,
): Promise<void> {
  const token = decodeToken(tokenIn(await textOf(cli, argument)));
  const given = await givenKeys(cli, options);
  const judging = { expectations: expectationsOf(options), now: new Date(cli.now) };
  const judgeWith = (keys: readonly InspectorKey[]) => judgeToken(token, { ...judging, keys });
  const early = given && (await judgeWith(given));
  // Auth is not asked about a signature that the given keys do not prove, so offline checks are fast.
  const owner = await ownerOf(cli, token, { isWorthAsking: !early || early.key !== undefined });
  const keys = given ?? (await issuerKeys(cli, options.issuer, owner));
  const first = early ?? (await judgeWith(keys));
  const asked = await askRevocation(cli, token, owner, first.key !== undefined);
  const judgement =
    'answer' in asked
      ? await judgeToken(token, { ...judging, keys, revocation: asked.answer })
      : first;
  const result = { token, judgement, asked };
  cli.output.report(documentOf(result), linesOf(result));
  cli.exitCode = EXIT_CODES[judgement.verdict];
}

async function textOf(cli: Invocation, argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument;
  if (argument === undefined && cli.interactive)
    throw usageError('Name a token, or send one to standard input', {
      hint: 'latchkey inspect - < token.txt',
    });
  return readAll(cli.input, MAX_INPUT_BYTES);
}

/**
 * Finds the token of a text. If it has several signatures (RFC 7515 §7.2.1), the first one counts.
 *
 * @throws CommandError unless the text has exactly one token, so that nobody reads about the wrong one
 */
function tokenIn(text: string): string {
  const { tokens } = findTokens(text);
  const [first] = tokens;
  if (!first) throw usageError('There is no token in this text');
  if (tokens.every(({ start }) => start === first.start)) return first.token;
  const names = tokens.slice(0, 10).map(({ name }, index) => name ?? `number ${index + 1}`);
  throw usageError(`There are ${tokens.length} tokens in this text; give one of them`, {
    detail: names.join(', '),
  });
}

const expectationsOf = ({ issuer, audience, type, skew }: InspectOptions): Expectations => ({
  ...(issuer !== undefined && { issuer }),
  ...(audience !== undefined && { audience }),
  ...(type !== undefined && { type }),
  clockToleranceSeconds: skew,
});

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= 86_400) return value;
  throw new InvalidArgumentError('It must be a number of seconds, at most 86400');
}
