import type { FoundToken, TextChange } from './found-token.js';
import { isInUrl } from './token-label.js';
import { beginsLikeHeader, isComplete } from './token-shape.js';

const IN_TEXT = /(?:[\w\-+/.~]|%(?:2[BbEeFf]|3[Dd]|7[Ee])|=(?=[=.\s"'&;,]|$))+/y;
const IN_URL = /(?:[\w\-.~]|%(?:2[BbEeFf]|3[Dd]|7[Ee])|=(?=[=.\s"'&;,]|$))+/y;

/**
 * What separates two lines of one token: a line break, its escape, a shell's continuation, or the end
 * and the beginning of two string literals.
 */
const JOINT = /(?:["'][ \t]*[+\\]?|[ \t]*\\)?(?:\r\n|[\r\n]|\\r\\n|\\n)[ \t>|]*(?:\+?[ \t]*["'])?/y;
const END_OF_LINE = /[ \t]*(?:$|[\r\n]|\\[rn\s]|["',;)}\]])/y;

/** A shorter line was not wrapped because it was too long. */
const MIN_WRAPPED_CHARACTERS = 40;

export type TokenRun = Pick<FoundToken, 'token' | 'start' | 'end' | 'changes'>;

/** Reads the token that begins here, over as many lines as it seems to have. */
export function readRun(text: string, start: number): TokenRun {
  const pattern = isInUrl(text, start) ? IN_URL : IN_TEXT;
  const lines = [matchAt(pattern, text, start)];
  let end = start + (lines[0]?.length ?? 0);
  for (;;) {
    const joint = matchAt(JOINT, text, end);
    const line = joint === '' ? '' : matchAt(pattern, text, end + joint.length);
    const next = end + joint.length + line.length;
    if (line === '' || matchAt(END_OF_LINE, text, next, true) === '') break;
    if (!continues(lines, line)) break;
    lines.push(line);
    end = next;
  }
  return runOf(lines, start, end);
}

function runOf(lines: readonly string[], start: number, end: number): TokenRun {
  const joined = lines.join('');
  const decoded = joined.replaceAll(/%[0-9A-Fa-f]{2}/g, (code) => decodeURIComponent(code));
  const token = withoutFullStop(decoded);
  const changes: TextChange[] = [];
  if (lines.length > 1) changes.push('line_breaks_removed');
  if (decoded !== joined) changes.push('percent_decoded');
  return { token, start, end: end - (decoded.length - token.length), changes };
}

/** Whether a line belongs to the token of the lines before. */
function continues(lines: readonly string[], line: string): boolean {
  const token = lines.join('');
  if (beginsLikeHeader(line) && line.includes('.')) return false; // a token of its own
  if (countDots(token) < 2) return true;
  return !isComplete(token) && (token.endsWith('.') || isWrapped(lines, line));
}

/** Lines of wrapped text are equally long, but for the last one, and for a first one that has a label. */
function isWrapped(lines: readonly string[], line: string): boolean {
  const last = lines.at(-1) ?? '';
  if (last.length < MIN_WRAPPED_CHARACTERS) return false;
  return lines.length === 1 || lines.includes('.') || line.length <= last.length;
}

/** A full stop after a token ends the sentence, unless it is the one before an empty signature. */
function withoutFullStop(token: string): string {
  const dots = countDots(token);
  return token.endsWith('.') && (dots === 3 || dots === 5) ? token.slice(0, -1) : token;
}

function countDots(text: string): number {
  let count = 0;
  for (let at = text.indexOf('.'); at >= 0 && count < 6; at = text.indexOf('.', at + 1)) count++;
  return count;
}

function matchAt(pattern: RegExp, text: string, at: number, orEnd = false): string {
  pattern.lastIndex = at;
  const match = pattern.exec(text)?.[0] ?? '';
  return orEnd && at === text.length ? 'end' : match;
}
