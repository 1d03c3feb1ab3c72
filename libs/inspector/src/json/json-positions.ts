import type { JsonNode, JsonPosition } from './json-document.js';

/** Tells lines, columns and JSON Pointers of offsets in a text. */
export class JsonPositions {
  readonly #lineStarts: number[] = [0];

  constructor(
    text: string,
    private readonly root: JsonNode | undefined,
  ) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
      this.#lineStarts.push(at + 1);
  }

  at(offset: number, length: number): JsonPosition {
    const line = this.#lineOf(offset);
    const column = offset - (this.#lineStarts[line] ?? 0) + 1;
    return { offset, length, line: line + 1, column, pointer: pointerOf(this.root, offset) };
  }

  #lineOf(offset: number): number {
    return lastAtOrBefore(this.#lineStarts, (start) => start, offset);
  }
}

/** The index of the last item that starts at or before an offset, or -1. A text can have 100,000 of them. */
function lastAtOrBefore<Item>(
  items: readonly Item[],
  startOf: (item: Item) => number,
  offset: number,
): number {
  let [low, high] = [-1, items.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (startOf(items[middle] as Item) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The JSON Pointer (RFC 6901) of the innermost value that contains an offset. */
function pointerOf(root: JsonNode | undefined, offset: number): string {
  const steps: string[] = [];
  let node = root;
  while (node) {
    const next = childAt(node, offset);
    if (!next) break;
    steps.push(next.step.replaceAll('~', '~0').replaceAll('/', '~1'));
    node = next.node;
  }
  return steps.map((step) => `/${step}`).join('');
}

interface Child {
  readonly step: string;
  readonly node?: JsonNode;
}

function childAt(node: JsonNode, offset: number): Child | undefined {
  if (node.type === 'object') {
    const { members } = node;
    const member = members[lastAtOrBefore(members, ({ nameStart }) => nameStart, offset)];
    if (!member || offset >= (member.value?.end ?? member.nameEnd)) return undefined;
    return { step: member.name, ...(member.value && { node: member.value }) };
  }
  if (node.type !== 'array') return undefined;
  const index = lastAtOrBefore(node.items, ({ start }) => start, offset);
  const item = node.items[index];
  return item && offset < item.end ? { step: String(index), node: item } : undefined;
}
