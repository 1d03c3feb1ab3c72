import { chmodSync, lstatSync, mkdirSync } from 'node:fs';

/**
 * Creates a directory that belongs to the current user, unless it exists. Other accounts may enter
 * but not list it, because the database account has to. In a shared directory such as /tmp another
 * user may have created the name beforehand.
 * @throws if the directory belongs to another user or is a link
 */
export function makeOwnDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  if (!isOwnDirectory(directory)) throw new Error(`${directory} belongs to another user`);
  chmodSync(directory, 0o711);
  return directory;
}

/** Whether the path is a directory, not a link, that belongs to the current user. */
export function isOwnDirectory(directory: string): boolean {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  const uid = process.getuid?.() ?? stats?.uid;
  return stats !== undefined && stats.isDirectory() && stats.uid === uid;
}
