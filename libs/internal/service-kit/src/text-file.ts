import { readFileSync } from 'node:fs';

/** A configuration file cannot be used. The message names its path, and does not quote its content. */
export class UnusableFileError extends Error {
  override readonly name = 'UnusableFileError';
}

/**
 * Reads a file without the trailing line break that editors and `kubectl` add.
 *
 * @throws UnusableFileError
 */
export function readTextFile(path: string): string {
  const text = decode(path, read(path)).replace(/[\r\n]+$/, '');
  if (text.trim() === '') throw new UnusableFileError(`${path} is empty`);
  return text;
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UnusableFileError(`${path} is a directory`);
    throw new UnusableFileError(`${path} cannot be read (${code})`);
  }
}

/** Drops a byte order mark, which would become part of a password. */
function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnusableFileError(`${path} is not UTF-8 text`);
  }
}
