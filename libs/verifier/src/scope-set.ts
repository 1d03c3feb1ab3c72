/**
 * The scopes of a token (RFC 6749 §3.3), split on first use. Extra spaces are ignored. The set is
 * read-only at run time as well, because all requests with the same token share it.
 */
export class ScopeSet implements ReadonlySet<string> {
  readonly #scope: string;
  #names: ReadonlySet<string> | undefined;

  constructor(scope: string) {
    this.#scope = scope;
  }

  get size(): number {
    return this.#set.size;
  }

  has(name: string): boolean {
    return this.#set.has(name);
  }

  forEach(visit: (name: string, same: string, all: ReadonlySet<string>) => void): void {
    for (const name of this.#set) visit(name, name, this);
  }

  entries(): SetIterator<[string, string]> {
    return this.#set.entries();
  }

  keys(): SetIterator<string> {
    return this.#set.keys();
  }

  values(): SetIterator<string> {
    return this.#set.values();
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.#set.values();
  }

  get #set(): ReadonlySet<string> {
    return (this.#names ??= new Set(this.#scope.split(' ').filter((name) => name !== '')));
  }
}
