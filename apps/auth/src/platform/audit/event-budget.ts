/** Bounds memory. Further keys share one budget. */
const MAX_KEYS = 10_000;
const SHARED = '';

/** How many events of one kind may be stored. */
export interface Budget {
  readonly burst: number;
  readonly perMinute: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets by key, which limit how many rows a stranger or a user can cause. */
export class EventBudget {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly budget: Budget,
    /** A clock that is never set, in milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes a token of this key. @returns false if there is none left */
  admits(key: string): boolean {
    const bucket = this.#bucketOf(key);
    bucket.tokens = this.#tokensOf(bucket);
    bucket.at = this.now();
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #bucketOf(key: string): Bucket {
    if (!this.#buckets.has(key) && this.#buckets.size >= MAX_KEYS) this.#forgetFull();
    const isNew = !this.#buckets.has(key) && this.#buckets.size >= MAX_KEYS;
    const name = isNew ? SHARED : key;
    const bucket = this.#buckets.get(name) ?? { tokens: this.budget.burst, at: this.now() };
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #tokensOf({ tokens, at }: Bucket): number {
    const minutes = (this.now() - at) / 60_000;
    return Math.min(this.budget.burst, tokens + minutes * this.budget.perMinute);
  }

  /** A full bucket is as good as none. */
  #forgetFull(): void {
    for (const [key, bucket] of this.#buckets)
      if (this.#tokensOf(bucket) >= this.budget.burst) this.#buckets.delete(key);
  }
}
