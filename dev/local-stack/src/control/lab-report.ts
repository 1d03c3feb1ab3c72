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

function pagesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.html'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return []; // no experiment has run
  }
}
