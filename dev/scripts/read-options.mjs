import { parseArgs } from 'node:util';

/**
 * Parses a command line that has options only. `--help` prints the help and exits with 0; unknown options exit with 2.
 *
 * @template {import('node:util').ParseArgsConfig['options']} T
 * @param {string} help
 * @param {T} options
 * @param {(values: any) => string | undefined} [complaint] says what is wrong with values that could be parsed
 */
export function readOptions(help, options, complaint = () => undefined) {
  return parse(help, { options }, ({ values }) => complaint(values)).values;
}

/**
 * Parses a command line that has options and operands. A complaint exits with 2.
 *
 * @template {import('node:util').ParseArgsConfig['options']} T
 * @param {string} help
 * @param {T} options
 * @param {(parsed: { values: any, positionals: string[] }) => string | undefined} complaint
 */
export function readArguments(help, options, complaint) {
  return parse(help, { options, allowPositionals: true }, complaint);
}

/**
 * Parses a command line that has operands, and no option but `--help`. A complaint exits with 2.
 *
 * @param {string} help
 * @param {(operands: string[]) => string | undefined} complaint
 */
export function readOperands(help, complaint) {
  const config = { allowPositionals: true };
  return parse(help, config, ({ positionals }) => complaint(positionals)).positionals;
}

/**
 * @param {string} help
 * @param {import('node:util').ParseArgsConfig} config
 * @param {(parsed: { values: any, positionals: string[] }) => string | undefined} complaint
 */
function parse(help, config, complaint) {
  try {
    const options = { ...config.options, help: { type: 'boolean' } };
    const parsed = parseArgs({ ...config, options });
    if (parsed.values.help) {
      console.log(help);
      process.exit(0);
    }
    const wrong = complaint(parsed);
    if (wrong !== undefined) throw new Error(wrong);
    return parsed;
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}
