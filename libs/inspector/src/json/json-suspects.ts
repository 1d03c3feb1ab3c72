import { MAX_JSON_FAULTS, type JsonFault, type JsonNode } from './json-document.js';
import type { JsonPositions } from './json-positions.js';

/** Finds what is valid JSON, but is read differently by different parsers (RFC 8259 §4, §6, §8.2). */
export function suspectsOf(root: JsonNode, text: string, positions: JsonPositions): JsonFault[] {
  const found: Suspect[] = [];
  const visit = (node: JsonNode): void => {
    if (found.length >= MAX_JSON_FAULTS) return;
    if (node.type === 'array') return node.items.forEach(visit);
    if (node.type !== 'object') return visitScalar(node);
    for (const { name, nameStart, nameEnd, value, duplicate } of node.members) {
      if (found.length >= MAX_JSON_FAULTS) return;
      if (duplicate) found.push({ ...duplicateOf(name), start: nameStart, end: nameEnd });
      if (value) visit(value);
    }
  };
  const visitScalar = (node: JsonNode): void => {
    const suspect = scalarSuspect(node, text);
    if (suspect) found.push({ ...suspect, start: node.start, end: node.end });
  };
  visit(root);
  return found.slice(0, MAX_JSON_FAULTS).map(({ start, end, ...fault }) => ({
    ...fault,
    position: positions.at(start, end - start),
  }));
}

type Finding = Pick<JsonFault, 'code' | 'severity' | 'message'>;

interface Suspect extends Finding {
  readonly start: number;
  readonly end: number;
}

const duplicateOf = (name: string): Finding => ({
  code: 'duplicate_member',
  severity: 'error',
  message: `The member ${quoted(name)} occurs twice in one object; some readers take the first, others the last.`,
});

function scalarSuspect(node: JsonNode, text: string): Finding | undefined {
  if (node.type === 'number')
    return numberSuspect(node.value, () => text.slice(node.start, node.end));
  return node.type === 'string' && !node.value.isWellFormed() ? SURROGATE : undefined;
}

function numberSuspect(value: number, digits: () => string): Finding | undefined {
  if (!Number.isFinite(value))
    return {
      ...OUT_OF_RANGE,
      message: `The number ${brief(digits())} is too large for a double, so JavaScript reads it as infinity.`,
    };
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  return {
    ...UNSAFE,
    message: `The number ${brief(digits())} is beyond 2^53, so that some readers round it.`,
  };
}

const OUT_OF_RANGE = { code: 'number_out_of_range', severity: 'error' } as const;
const UNSAFE = { code: 'unsafe_integer', severity: 'note' } as const;
const SURROGATE = {
  code: 'lone_surrogate',
  severity: 'note',
  message: 'This string contains half of a surrogate pair, which is not a character.',
} as const;

/** At most 40 characters of a text that a stranger chose. */
export const brief = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** A name in quotation marks, cut if it is long. */
export const quoted = (text: string): string => `“${brief(text)}”`;
