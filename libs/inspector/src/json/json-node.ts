import type { Node } from 'jsonc-parser';
import type { JsonMember, JsonNode } from './json-document.js';

/** Makes our tree, which has no cycles and says which members are duplicates, of the parser's tree of a text. */
export function nodeOf(node: Node, text: string): JsonNode {
  const { type, offset: start } = node;
  const end = start + node.length;
  if (type === 'object') return { type, start, end, members: membersOf(node.children ?? [], text) };
  if (type === 'array')
    return { type, start, end, items: (node.children ?? []).map((item) => nodeOf(item, text)) };
  if (type === 'number')
    return { type, start, end, value: node.value as number, source: text.slice(start, end) };
  // The parser has no value for null.
  return { type, start, end, value: (node.value as unknown) ?? null } as JsonNode;
}

function membersOf(properties: readonly Node[], text: string): JsonMember[] {
  const names = new Set<string>();
  const members: JsonMember[] = [];
  for (const { children: [key, value] = [] } of properties) {
    if (!key) continue;
    const name = String(key.value);
    const place = { nameStart: key.offset, nameEnd: key.offset + key.length };
    const member = { name, ...place, duplicate: names.has(name) };
    members.push(value ? { ...member, value: nodeOf(value, text) } : member);
    names.add(name);
  }
  return members;
}
