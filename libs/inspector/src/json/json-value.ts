import type { JsonNode } from './json-document.js';

/** The value of a node. A member named `__proto__` is an ordinary member, as with JSON.parse. */
export function valueOf(node: JsonNode): unknown {
  if (node.type === 'array') return node.items.map(valueOf);
  if (node.type !== 'object') return node.value;
  // Object.fromEntries defines members, where an assignment would call the setter of `__proto__`.
  return Object.fromEntries(
    node.members.map(({ name, value }) => [name, value === undefined ? undefined : valueOf(value)]),
  );
}
