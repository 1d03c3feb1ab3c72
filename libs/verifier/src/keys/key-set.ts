import { Backoff } from '@latchkey/contracts/backoff';
import { UnknownKeyIds } from './unknown-key-ids.js';
import { TokenError, VerifierUnavailableError } from '../errors.js';
import {
  importVerificationKey,
  type IgnoredKey,
  type VerificationKey,
} from './verification-key.js';
import type { KeySetOptions, KeySetSource } from '../verifier-options.js';

/**
 * The delays between retries until the first key set is there. Later fetches have a cooldown instead,
 * which is a rate limit.
 */
const LOAD_BACKOFF = { firstMilliseconds: 250, maxMilliseconds: 5_000 };
/** Refresh after this fraction of `refreshAfterSeconds`, so that requests do not have to wait. */
const REFRESH_AHEAD = 0.8;
/**
 * A `kid` that was not found is not fetched again for this many cooldowns. A longer time would let
 * attackers block a new key by guessing its `kid` before it is published.
 */
const UNKNOWN_FOR_COOLDOWNS = 4;
const MAX_REASONS = 5;

/** {@link KeySetOptions} with defaults, a clock, and a callback. */
export interface KeySetSettings extends Required<KeySetOptions> {
  readonly now: () => number;
  readonly onFetch: (outcome: { ok: boolean; cause?: unknown }) => void;
}

/** The state of an issuer's key set. Contains no secrets. */
export interface KeySetReport {
  readonly keyIds: readonly string[];
  /** Unusable keys of the last fetched key set. */
  readonly ignored: readonly IgnoredKey[];
  /** The time since the last successful fetch; Infinity before the first one. */
  readonly ageSeconds: number;
  readonly lastFetchSucceeded: boolean;
  /** The number of fetches since the start. */
  readonly fetches: { readonly succeeded: number; readonly failed: number };
}

/**
 * The cached key set of one issuer.
 *
 * Concurrent callers share one fetch. A cooldown limits fetches, also after failures, so that invented
 * `kid`s do not cause load on the issuer. The set is refreshed in the background, and stays in use up
 * to `maxAgeSeconds` while the issuer is unreachable. A set without a usable key counts as a failed
 * fetch: it is a fault of the issuer, not a rotation.
 */
export class KeySet {
  #keys: ReadonlyMap<string, VerificationKey> = new Map();
  #ignored: readonly IgnoredKey[] = [];
  #fetchedAt = -Infinity;
  #attemptedAt = -Infinity;
  #lastFetchSucceeded = false;
  #succeeded = 0;
  #failed = 0;
  #flight: Promise<void> | undefined;
  #loading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #endPause: () => void = () => undefined;
  #keepsAlive = false;
  readonly #unknown = new UnknownKeyIds();
  readonly #closing = new AbortController();

  constructor(
    private readonly source: KeySetSource,
    private readonly settings: KeySetSettings,
  ) {}

  /** Whether a fetch has succeeded since the start, even if the set is too old by now. */
  get loaded(): boolean {
    return this.#fetchedAt !== -Infinity;
  }

  /**
   * Returns a usable key from the cache. Never fetches.
   *
   * @param now milliseconds since 1970
   */
  find(keyId: string, now = this.settings.now()): VerificationKey | undefined {
    const { maxAgeSeconds, refreshAfterSeconds } = this.settings;
    if (now - this.#fetchedAt > maxAgeSeconds * 1000) return undefined;
    // The process was suspended, so a removed key may still be cached.
    if (now - this.#attemptedAt > refreshAfterSeconds * 1000) return undefined;
    return this.#keys.get(keyId);
  }

  /**
   * Returns a key, and fetches the key set first if necessary and allowed.
   *
   * @throws TokenError `unknown_key`
   * @throws VerifierUnavailableError `keys_unreachable` if there is no usable key set
   */
  async resolve(keyId: string): Promise<VerificationKey> {
    const known = this.find(keyId);
    if (known) return known;
    await this.#fetchFor(keyId);
    const key = this.find(keyId);
    if (key) return key;
    const expired = this.#secondsSince(this.#fetchedAt) > this.settings.maxAgeSeconds;
    if (!this.loaded || expired) throw new VerifierUnavailableError('keys_unreachable');
    throw new TokenError('unknown_key');
  }

  /** Fetches the key set, with retries until it succeeds or is closed. Keeps the process alive until then. */
  async load(): Promise<void> {
    this.#keepsAlive = true;
    this.#retry?.ref();
    await this.#load();
  }

  /** For health indicators and metrics. */
  report(): KeySetReport {
    return {
      keyIds: [...this.#keys.keys()],
      ignored: this.#ignored,
      ageSeconds: this.#secondsSince(this.#fetchedAt),
      lastFetchSucceeded: this.#lastFetchSucceeded,
      fetches: { succeeded: this.#succeeded, failed: this.#failed },
    };
  }

  /** Stops refreshing and aborts a pending fetch. Cached keys stay usable until they are too old. */
  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#closing.abort();
    this.#endPause();
  }

  async #fetchFor(keyId: string): Promise<void> {
    if (!this.loaded) {
      // Wait for one attempt only; retries continue in the background.
      void this.#load();
      await this.#flight;
      return;
    }
    const { now, cooldownSeconds } = this.settings;
    if (!this.#keys.has(keyId) && this.#unknown.has(keyId, now())) return;
    // A pending fetch may have started before the issuer published this key.
    if (this.#flight) await this.#fetch();
    if (this.find(keyId)) return;
    const coolingDown = this.#secondsSince(this.#attemptedAt) < cooldownSeconds;
    if (coolingDown && !this.#flight) return;
    await this.#fetch();
    if (this.#lastFetchSucceeded && !this.#keys.has(keyId)) {
      this.#unknown.add(keyId, now() + UNKNOWN_FOR_COOLDOWNS * cooldownSeconds * 1000);
    }
  }

  #load(): Promise<void> {
    return (this.#loading ??= this.#fetchUntilLoaded());
  }

  async #fetchUntilLoaded(): Promise<void> {
    const backoff = new Backoff(LOAD_BACKOFF);
    const isDone = () => this.loaded || this.#closing.signal.aborted;
    while (!isDone()) {
      await this.#fetch();
      if (!isDone()) await this.#pause(backoff.nextMilliseconds());
    }
  }

  #secondsSince(moment: number): number {
    return (this.settings.now() - moment) / 1000;
  }

  #fetch(): Promise<void> {
    return (this.#flight ??= this.#fetchOnce().finally(() => {
      this.#flight = undefined;
      this.#schedule();
    }));
  }

  async #fetchOnce(): Promise<void> {
    this.#attemptedAt = this.settings.now();
    const timeout = AbortSignal.timeout(this.settings.timeoutSeconds * 1000);
    try {
      this.#adopt((await this.source(AbortSignal.any([timeout, this.#closing.signal]))).keys);
      this.#lastFetchSucceeded = true;
      this.#succeeded++;
      this.settings.onFetch({ ok: true });
    } catch (cause) {
      this.#lastFetchSucceeded = false;
      this.#failed++;
      if (!this.#closing.signal.aborted) this.settings.onFetch({ ok: false, cause });
    }
  }

  #adopt(published: readonly unknown[]): void {
    const keys = new Map<string, VerificationKey>();
    const ignored: IgnoredKey[] = [];
    for (const jwk of published) {
      const key = importVerificationKey(jwk);
      if ('reason' in key) ignored.push(key);
      else if (keys.has(key.keyId)) ignored.push({ keyId: key.keyId, reason: 'kid is not unique' });
      // Keep the object of an unchanged key, so that cached signature checks stay valid.
      else keys.set(key.keyId, this.#same(key) ?? key);
    }
    this.#ignored = ignored;
    if (keys.size === 0) throw new Error(`the key set has no usable key${reasons(ignored)}`);
    this.#keys = keys;
    this.#fetchedAt = this.settings.now();
  }

  #same(key: VerificationKey): VerificationKey | undefined {
    const known = this.#keys.get(key.keyId);
    return known?.fingerprint === key.fingerprint ? known : undefined;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted || !this.loaded) return;
    const { refreshAfterSeconds, cooldownSeconds } = this.settings;
    const due = this.#lastFetchSucceeded
      ? refreshAfterSeconds * REFRESH_AHEAD
      : Math.min(cooldownSeconds, refreshAfterSeconds * REFRESH_AHEAD);
    this.#timer = setTimeout(() => void this.#fetch(), due * 1000).unref();
  }

  /** Keeps its timer, because `load` can still make it keep the process alive. */
  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#retry = setTimeout(resolve, milliseconds);
      if (!this.#keepsAlive) this.#retry.unref();
      this.#endPause = resolve;
    });
  }
}

/** Lists the first few reasons only, because an issuer may publish any number of keys. */
function reasons(ignored: readonly IgnoredKey[]): string {
  const texts = ignored
    .slice(0, MAX_REASONS)
    .map(({ keyId, reason }) => (keyId === undefined ? reason : `${reason} (kid ${keyId})`));
  return texts.length === 0 ? '' : `: ${texts.join('; ')}`;
}
