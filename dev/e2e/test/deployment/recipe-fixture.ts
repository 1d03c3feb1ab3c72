import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
const DOCUMENT = readFileSync(join(CHECKOUT, 'docs/spa.md'), 'utf8');
const VITE = join(CHECKOUT, 'node_modules/vite/bin/vite.js');

/** A section of docs/spa.md with code for one of the two ways. */
export type Way = 'One origin' | 'Another origin';

/** Addresses of the document, and those of the test. */
export type Placeholders = Readonly<Record<string, string>>;

/** The code block of a section that the end of the line before it names. */
export function block(section: Way | 'The application', name: string): string {
  const text = DOCUMENT.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? '';
  for (const [, named, code] of text.matchAll(/`([^`\n]+)`:\n\n```\w+\n(.*?)^```/gms))
    if (named === name && code) return code;
  throw new Error(`docs/spa.md has no block for ${name} in "${section}"`);
}

/** The environment variables of a block. */
export const environment = (way: Way, app: string, placeholders: Placeholders) =>
  parseEnv(replaced(block(way, app), placeholders)) as Readonly<Record<string, string>>;

/** @throws if the text does not contain each placeholder */
export function replaced(text: string, placeholders: Placeholders): string {
  for (const [placeholder, actual] of Object.entries(placeholders)) {
    if (!text.includes(placeholder)) throw new Error(`there is no ${placeholder} in:\n${text}`);
    text = text.replaceAll(placeholder, actual);
  }
  return text;
}

/** Builds the application of the document with Vite. @param files receives the built files */
export function buildApplication(files: string, way: Way, placeholders: Placeholders = {}): void {
  // Inside the checkout, so that packages are found.
  const parent = join(CHECKOUT, '.latchkey');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'spa-'));
  try {
    for (const name of ['index.html', 'app.js'])
      writeFileSync(join(folder, name), block('The application', name));
    writeFileSync(join(folder, 'session.js'), replaced(block(way, 'session.js'), placeholders));
    const options = ['--logLevel', 'warn', '--emptyOutDir', '--outDir', files];
    execFileSync(process.execPath, [VITE, 'build', ...options], { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
