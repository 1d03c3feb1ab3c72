/** The same items, beginning with another one: in no round does one always run behind the same neighbour. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
