import { readFile } from 'node:fs/promises';
import { usageError } from '../errors.js';

/** No password or key is larger. */
const MAX_BYTES = 64 * 1024;

/** Reads a stream to its end. @throws CommandError if it is larger than `maxBytes`, by default than a key could be */
export async function readAll(
  input: AsyncIterable<Buffer | string>,
  maxBytes = MAX_BYTES,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) throw usageError('The input is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads a file, or stdin for `-`. @throws CommandError if it cannot be read */
export async function readFileOrInput(
  path: string,
  input: AsyncIterable<Buffer | string>,
): Promise<string> {
  if (path === '-') return readAll(input);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw usageError(`${path} cannot be read`, { detail: `${code}` });
  }
}
