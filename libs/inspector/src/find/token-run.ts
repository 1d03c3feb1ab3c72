import type { FoundToken, TextChange } from './found-token.js';
import { isInUrl } from './token-label.js';
import { beginsLikeHeader, TokenShape } from './token-shape.js';

/** Soft hyphens, zero-width and bidirectional characters, byte order marks, which come along when text is copied. */
const INVISIBLE = '\\u00AD\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\uFEFF';
const ESCAPED = '%(?:2[BbDdEeFf]|3[Dd]|5[Ff]|7[Ee])';
/** Padding, but not what assigns a value. */
const PADDING = `=(?=[=.\\s"'&;,]|$)`;

const IN_TEXT = new RegExp(`(?:[\\w\\-+/.~${INVISIBLE}]|${ESCAPED}|${PADDING})+`, 'y');
const IN_URL = new RegExp(`(?:[\\w\\-.~${INVISIBLE}]|${ESCAPED}|${PADDING})+`, 'y');
const ALL_INVISIBLE = new RegExp(`[${INVISIBLE}]`, 'g');

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
  const visible = decoded.replaceAll(ALL_INVISIBLE, '');
  const stopped = withoutFullStop(visible);
  const token = withoutRepetition(stopped);
  const changes: TextChange[] = [];
  if (lines.count > 1) changes.push('line_breaks_removed');
  if (decoded !== joined) changes.push('percent_decoded');
  if (visible !== decoded) changes.push('invisible_removed');
  if (token !== stopped) changes.push('repetition_removed');
  return { token, start, end: end - (visible.length - stopped.length), changes };
}

/** Somebody pasted twice. Its five segments would look encrypted. */
function withoutRepetition(token: string): string {
  const half = token.slice(0, token.length / 2);
  return half + half === token && isToken(half) && half.split('.', 4).length === 3 ? half : token;
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
    return this.#lines
      .map((line, index) => (this.#isSoft(line, index) ? line.slice(0, -1) : line))
      .join('');
  }

  /** Mail ends a line with `=` if it goes on (RFC 2045 §6.7). Padding is before a dot, or at the end. */
  #isSoft(line: string, index: number): boolean {
    return line.endsWith('=') && this.#lines[index + 1]?.startsWith('.') === false;
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
  const [dots = ''] = /\.*$/.exec(token.slice(-4)) ?? [];
  if (dots === '') return token;
  const complete = token.split('.', 10).length - dots.length;
  if (dots.length > 1 && (complete === 3 || complete === 5)) return token.slice(0, -dots.length);
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
