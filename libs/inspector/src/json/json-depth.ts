import { createScanner } from 'jsonc-parser';

const OPEN = new Set([1, 3]); // SyntaxKind.OpenBraceToken, OpenBracketToken
const CLOSE = new Set([2, 4]); // SyntaxKind.CloseBraceToken, CloseBracketToken
const END = 17; // SyntaxKind.EOF

/**
 * Finds where a text has more levels than this. The parser is recursive and would overflow the stack,
 * but its scanner is not.
 *
 * @returns the offset of the bracket that opens the first level too many
 */
export function jsonDepth(text: string, maxDepth: number): number | undefined {
  if (!hasMore(text, maxDepth)) return undefined;
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let kind: number = scanner.scan(); kind !== END; kind = scanner.scan()) {
    if (OPEN.has(kind) && ++depth > maxDepth) return scanner.getTokenOffset();
    if (CLOSE.has(kind)) depth = Math.max(0, depth - 1);
  }
  return undefined;
}

/** Whether a text has more opening brackets than this, so that it is worth scanning. */
function hasMore(text: string, count: number): boolean {
  const bracket = /[{[]/g;
  for (let found = 0; found <= count; found++) if (!bracket.test(text)) return false;
  return true;
}
