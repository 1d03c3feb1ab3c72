import type { Node } from 'jsonc-parser';
import type { JsonMember, JsonNode } from './json-document.js';

/** Makes our tree, which has no cycles and says which members are duplicates, of the parser's. */
export function nodeOf(node: Node): JsonNode {
  const place = { start: node.offset, end: node.offset + node.length };
  const { type, children = [] } = node;
  if (type === 'object') return { ...place, type, members: membersOf(children) };
  if (type === 'array') return { ...place, type, items: children.map(nodeOf) };
  // The parser has no value for null.
  return { ...place, type, value: (node.value as unknown) ?? null } as JsonNode;
}

function membersOf(properties: readonly Node[]): JsonMember[] {
  const names = new Set<string>();
  return properties.flatMap(({ children: [name, value] = [] }) => {
    if (!name) return [];
    const text = String(name.value);
    const duplicate = names.has(text);
    names.add(text);
    return {
      name: text,
      nameStart: name.offset,
      nameEnd: name.offset + name.length,
      ...(value && { value: nodeOf(value) }),
      duplicate,
    };
  });
}
