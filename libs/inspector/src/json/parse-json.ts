import { parseTree, type ParseError } from 'jsonc-parser';
import { jsonDepth } from './json-depth.js';
import {
  MAX_JSON_DEPTH,
  MAX_JSON_FAULTS,
  type JsonDocument,
  type JsonFault,
  type JsonNode,
} from './json-document.js';
import { nodeOf } from './json-node.js';
import { JsonPositions } from './json-positions.js';
import { suspectsOf } from './json-suspects.js';
import { sentenceOf } from './syntax-sentences.js';
import { valueOf } from './json-value.js';

/** Parses a JSON text (RFC 8259) as far as possible. Never throws, whatever the text is. */
export function parseJson(text: string): JsonDocument {
  const tooDeepAt = jsonDepth(text, MAX_JSON_DEPTH);
  const readable = tooDeepAt === undefined ? text : text.slice(0, tooDeepAt);
  const errors: ParseError[] = [];
  // JSON.parse refuses a byte order mark, which has its own fault already.
  const tree = parseTree(readable.replace(/^\uFEFF/, ' '), errors, { disallowComments: true });
  const root = tree && nodeOf(tree, text);
  const positions = new JsonPositions(text, root);
  const faults = [
    ...(tooDeepAt === undefined ? syntaxFaults(text, errors, positions) : []),
    ...(tooDeepAt === undefined ? [] : [depthFault(tooDeepAt, positions)]),
    ...(root ? suspectsOf(root, text, positions) : []),
  ];
  faults.sort((a, b) => a.position.offset - b.position.offset);
  return {
    text,
    ...(root && { root }),
    value: root && valueOf(root),
    faults: faults.slice(0, MAX_JSON_FAULTS),
  };
}

/** The parser recovers from a fault by guessing, so that those after the first may follow from it. */
function syntaxFaults(
  text: string,
  errors: readonly ParseError[],
  positions: JsonPositions,
): JsonFault[] {
  return errors.slice(0, MAX_JSON_FAULTS).map(({ error, offset, length }) => ({
    code: 'invalid_json',
    severity: 'error',
    position: positions.at(offset, length),
    message: sentenceOf(error, text.slice(offset, offset + length), offset >= text.length),
  }));
}

const depthFault = (offset: number, positions: JsonPositions): JsonFault => ({
  code: 'too_deep',
  severity: 'error',
  position: positions.at(offset, 1),
  message: `This JSON has more than ${MAX_JSON_DEPTH} levels; what is deeper is not shown.`,
});

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member of an object with this name, of which the last counts. */
export const memberOf = (root: JsonNode | undefined, name: string) =>
  root?.type === 'object' ? root.members.findLast((member) => member.name === name) : undefined;
