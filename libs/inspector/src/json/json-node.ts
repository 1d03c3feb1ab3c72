import type { Node } from 'jsonc-parser';
import type { JsonMember, JsonNode } from './json-document.js';

/** Makes our tree, which has no cycles and says which members are duplicates, of the parser's. */
export function nodeOf(node: Node): JsonNode {
  const { type, offset: start } = node;
  const end = start + node.length;
  if (type === 'object') return { type, start, end, members: membersOf(node.children ?? []) };
  if (type === 'array') return { type, start, end, items: (node.children ?? []).map(nodeOf) };
  // The parser has no value for null.
  return { type, start, end, value: (node.value as unknown) ?? null } as JsonNode;
}

function membersOf(properties: readonly Node[]): JsonMember[] {
  const names = new Set<string>();
  const members: JsonMember[] = [];
  for (const { children: [key, value] = [] } of properties) {
    if (!key) continue;
    const name = String(key.value);
    const place = { nameStart: key.offset, nameEnd: key.offset + key.length };
    const member = { name, ...place, duplicate: names.has(name) };
    members.push(value ? { ...member, value: nodeOf(value) } : member);
    names.add(name);
  }
  return members;
}
