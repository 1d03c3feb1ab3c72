import { parseArgs } from 'node:util';

/**
 * The command line. `--help` shows the help and ends with 0; what is not understood ends with 2.
 *
 * @template {import('node:util').ParseArgsConfig['options']} T
 * @param {string} help
 * @param {T} options
 * @param {(values: any) => string | undefined} [complaint] about values that parse but make no sense
 */
export function readOptions(help, options, complaint = () => undefined) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    const wrong = complaint(values);
    if (wrong !== undefined) throw new Error(wrong);
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}
