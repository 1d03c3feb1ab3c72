import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { refused } from '../errors.js';

/** The streams of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  /** Never stdout, which may be a pipe. */
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a question on the terminal.
 *
 * @param hidden keeps the answer off the screen
 * @throws CommandError on Ctrl-C and Ctrl-D
 */
export function ask(
  { input, output }: Terminal,
  question: string,
  hidden = false,
): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, written) => written() });
  const lines = createInterface({ input, output: hidden ? nowhere : output, terminal: true });
  // The terminal echoes until the interface exists, so only then may the user be asked.
  if (hidden) output.write(question);
  else {
    lines.setPrompt(question);
    lines.prompt();
  }
  return new Promise((resolve, reject) => {
    const canceled = () => {
      output.write('\n');
      reject(refused('canceled', 'Canceled; nothing was done'));
    };
    lines.once('close', canceled);
    lines.once('SIGINT', () => lines.close());
    lines.once('line', (line) => {
      lines.off('close', canceled).close();
      if (hidden) output.write('\n');
      resolve(line);
    });
  });
}
