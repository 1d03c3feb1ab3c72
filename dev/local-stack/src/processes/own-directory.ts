import { chmodSync, lstatSync, mkdirSync } from 'node:fs';

/**
 * Makes a directory of ours, if it is not there yet, which others may pass through but not list:
 * the database account has to. In a directory for all, such as /tmp, somebody else may have laid
 * the name beforehand.
 * @throws when it belongs to somebody else or is a link
 */
export function makeOwnDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  if (!isOwnDirectory(directory)) throw new Error(`${directory} belongs to another user`);
  chmodSync(directory, 0o711);
  return directory;
}

/** Whether it is there, a directory itself, and ours. */
export function isOwnDirectory(directory: string): boolean {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  const uid = process.getuid?.() ?? stats?.uid;
  return stats !== undefined && stats.isDirectory() && stats.uid === uid;
}
