/** A queue in which keys take turns, however many items each has. Each key's items are first in, first out. */
export class RoundRobinQueue<Item> {
  /** The first key has the next turn. */
  readonly #lines = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  sizeOf(key: string): number {
    return this.#lines.get(key)?.length ?? 0;
  }

  add(key: string, item: Item): void {
    const line = this.#lines.get(key);
    if (line) line.push(item);
    else this.#lines.set(key, [item]);
    this.#size += 1;
  }

  take(): Item | undefined {
    const [first] = this.#lines;
    if (!first) return undefined;
    const [key, line] = first;
    const item = line.shift();
    this.#lines.delete(key);
    if (line.length > 0) this.#lines.set(key, line);
    this.#size -= 1;
    return item;
  }

  remove(key: string, item: Item): void {
    const line = this.#lines.get(key) ?? [];
    const index = line.indexOf(item);
    if (index === -1) return;
    line.splice(index, 1);
    if (line.length === 0) this.#lines.delete(key);
    this.#size -= 1;
  }

  /** Removes the newest item of the longest line, if that line is longer than `size`. */
  takeFromLonger(size: number): Item | undefined {
    let longest = size;
    let longestKey: string | undefined;
    for (const [key, line] of this.#lines) {
      if (line.length <= longest) continue;
      longest = line.length;
      longestKey = key;
    }
    const newest = longestKey === undefined ? undefined : this.#lines.get(longestKey)?.at(-1);
    if (newest !== undefined) this.remove(longestKey!, newest);
    return newest;
  }
}
