import { AbsentKeys } from './unknown-key-ids.js';
import { TokenError, VerifierUnavailableError } from '../errors.js';
import {
  importVerificationKey,
  type IgnoredKey,
  type VerificationKey,
} from './verification-key.js';
import type { KeySetOptions, KeySetSource } from '../verifier-options.js';

const FIRST_RETRY_MILLISECONDS = 250;
const LAST_RETRY_MILLISECONDS = 5_000;
/** Refresh when this part of `refreshAfterSeconds` has passed, so that no request has to wait. */
const REFRESH_AHEAD = 0.8;
/**
 * A `kid` that was asked for in vain is not asked for again during this many cool-downs. No longer:
 * someone may guess the `kid` of a key that the issuer is about to publish.
 */
const ABSENT_FOR_COOLDOWNS = 4;
const MAX_REASONS = 5;

/** {@link KeySetOptions} with every default filled in, and what the key set needs beside. */
export interface KeySetSettings extends Required<KeySetOptions> {
  readonly now: () => number;
  readonly onFetch: (outcome: { ok: boolean; cause?: unknown }) => void;
}

/** What is known of an issuer's keys; nothing in it is secret. */
export interface KeySetReport {
  readonly keyIds: readonly string[];
  /** Members of the key set that was fetched last, also if none of them could be used. */
  readonly ignored: readonly IgnoredKey[];
  /** Infinity before the first successful fetch. */
  readonly ageSeconds: number;
  readonly lastFetchSucceeded: boolean;
  /** Fetches since the start. */
  readonly fetches: { readonly succeeded: number; readonly failed: number };
}

/**
 * The keys of one issuer.
 *
 * One fetch serves any number of callers. Fetches are limited by time alone, after failures as
 * after successes, so that invented `kid`s cost the issuer nothing. Keys are refreshed ahead of
 * their age, and served on up to a hard cap while the issuer cannot be reached. A set without one
 * usable key counts as a failed fetch: an issuer that publishes nothing is broken, not rotated.
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
  #keepsAlive = false;
  readonly #absent = new AbsentKeys();
  readonly #closing = new AbortController();

  constructor(
    private readonly source: KeySetSource,
    private readonly settings: KeySetSettings,
  ) {}

  /** Whether a fetch has succeeded yet; a set that is too old to be used stays loaded. */
  get loaded(): boolean {
    return this.#fetchedAt !== -Infinity;
  }

  /**
   * The key if it is known and may be used at this moment; never waits, never fetches.
   *
   * @param now milliseconds since 1970
   */
  find(keyId: string, now = this.settings.now()): VerificationKey | undefined {
    const { maxAgeSeconds, refreshAfterSeconds } = this.settings;
    if (now - this.#fetchedAt > maxAgeSeconds * 1000) return undefined;
    // Nothing was even tried within the age: this process was suspended, and a key may be gone.
    if (now - this.#attemptedAt > refreshAfterSeconds * 1000) return undefined;
    return this.#keys.get(keyId);
  }

  /**
   * The key, fetched if need be and allowed.
   *
   * @throws TokenError `unknown_key`
   * @throws VerifierUnavailableError `keys_unreachable` when there is no key set to look into
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

  /** Fetches until it succeeds once, or the set is closed. Keeps the process alive meanwhile. */
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

  /** Ends the refreshing and whatever fetch is under way. Keys that are known stay usable until they are too old. */
  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#closing.abort();
  }

  async #fetchFor(keyId: string): Promise<void> {
    if (!this.loaded) {
      // Whoever comes first starts it, and waits for one try; the retries go on by themselves.
      void this.#load();
      await this.#flight;
      return;
    }
    const { now, cooldownSeconds } = this.settings;
    if (!this.#keys.has(keyId) && this.#absent.has(keyId, now())) return;
    // A fetch that is under way may have asked the issuer before it had this key.
    if (this.#flight) await this.#fetch();
    if (this.find(keyId)) return;
    const coolingDown = this.#secondsSince(this.#attemptedAt) < cooldownSeconds;
    if (coolingDown && !this.#flight) return;
    await this.#fetch();
    if (this.#lastFetchSucceeded) {
      this.#absent.add(keyId, now() + ABSENT_FOR_COOLDOWNS * cooldownSeconds * 1000);
    }
  }

  #load(): Promise<void> {
    return (this.#loading ??= this.#fetchUntilLoaded());
  }

  async #fetchUntilLoaded(): Promise<void> {
    let pause = FIRST_RETRY_MILLISECONDS;
    while (!this.loaded && !this.#closing.signal.aborted) {
      await this.#fetch();
      if (this.loaded) return;
      await this.#pause(pause);
      pause = Math.min(pause * 2, LAST_RETRY_MILLISECONDS);
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
      // An unchanged key keeps its identity, and with it the signature checks made with it.
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

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#retry = setTimeout(resolve, milliseconds);
      if (!this.#keepsAlive) this.#retry.unref();
      this.#closing.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** The first few: an issuer may publish any number. */
function reasons(ignored: readonly IgnoredKey[]): string {
  const texts = ignored
    .slice(0, MAX_REASONS)
    .map(({ keyId, reason }) => (keyId === undefined ? reason : `${reason} (kid ${keyId})`));
  return texts.length === 0 ? '' : `: ${texts.join('; ')}`;
}
