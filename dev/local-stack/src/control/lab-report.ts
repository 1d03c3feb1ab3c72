import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A page that the lab has written. */
export interface LabReport {
  readonly file: string;
  readonly writtenAtMilliseconds: number;
}

/** The newest page in the lab's folder; undefined if there is none. */
export function newestLabReport(folder: string): LabReport | undefined {
  return pagesIn(folder)
    .map((name) => join(folder, name))
    .map((file) => ({ file, writtenAtMilliseconds: Math.round(statSync(file).mtimeMs) }))
    .sort((a, b) => b.writtenAtMilliseconds - a.writtenAtMilliseconds)[0];
}

/**
 * The file with the figures that a page links to.
 *
 * @param url the path that is asked for
 */
export function labFiguresOf(folder: string, url: string): string | undefined {
  const name = filesIn(folder).find((file) => file.endsWith('.json') && url === `/${file}`);
  return name === undefined ? undefined : join(folder, name);
}

const pagesIn = (folder: string) => filesIn(folder).filter((name) => name.endsWith('.html'));

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return []; // no experiment has run
  }
}
