import type { FoundToken, TextChange } from './found-token.js';
import { isInUrl } from './token-label.js';
import { beginsLikeHeader, TokenShape } from './token-shape.js';

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
  const lines = new Lines(matchAt(pattern, text, start));
  let end = start + lines.last.length;
  for (;;) {
    const joint = matchAt(JOINT, text, end);
    const line = joint === '' ? '' : matchAt(pattern, text, end + joint.length);
    const next = end + joint.length + line.length;
    if (line === '' || !endsLine(text, next) || !lines.continueWith(line)) break;
    lines.add(line);
    end = next;
  }
  return runOf(lines, start, end);
}

function runOf(lines: Lines, start: number, end: number): TokenRun {
  const joined = lines.join();
  const decoded = joined.replaceAll(/%[0-9A-Fa-f]{2}/g, (code) => decodeURIComponent(code));
  const token = withoutFullStop(decoded);
  const changes: TextChange[] = [];
  if (lines.count > 1) changes.push('line_breaks_removed');
  if (decoded !== joined) changes.push('percent_decoded');
  return { token, start, end: end - (decoded.length - token.length), changes };
}

/** The lines of a token. */
class Lines {
  readonly #lines: string[] = [];
  readonly #shape = new TokenShape();
  #hasLoneDot = false;

  constructor(first: string) {
    this.add(first);
  }

  get count(): number {
    return this.#lines.length;
  }

  get last(): string {
    return this.#lines.at(-1) ?? '';
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#shape.add(line);
    this.#hasLoneDot ||= line === '.';
  }

  join(): string {
    return this.#lines.join('');
  }

  /** Whether a line belongs to the token. */
  continueWith(line: string): boolean {
    if (!this.#breaksAtDot(line) && isToken(line)) return false;
    if (this.#shape.segments < 3) return true;
    return !this.#shape.complete && (this.last.endsWith('.') || this.#isWrapped(line));
  }

  /** Claims begin as a header does, but no other token begins with a dot or follows one. */
  #breaksAtDot(line: string): boolean {
    return line.startsWith('.') || (this.#shape.segments < 3 && this.last.endsWith('.'));
  }

  /** Lines of wrapped text are equally long, but for the last one, and for a first one that has a label. */
  #isWrapped(line: string): boolean {
    if (this.last.length < MIN_WRAPPED_CHARACTERS) return false;
    return this.count === 1 || this.#hasLoneDot || line.length <= this.last.length;
  }
}

/** Whether a line begins a token of its own. */
const isToken = (line: string): boolean => beginsLikeHeader(line) && line.includes('.');

/** A full stop after a token ends the sentence, unless it is the one before an empty signature. */
function withoutFullStop(token: string): string {
  if (!token.endsWith('.')) return token;
  const segments = token.split('.', 7).length;
  return segments === 4 || segments === 6 ? token.slice(0, -1) : token;
}

function endsLine(text: string, at: number): boolean {
  END_OF_LINE.lastIndex = at;
  return END_OF_LINE.test(text);
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
