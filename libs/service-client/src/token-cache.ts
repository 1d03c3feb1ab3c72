import { LRUCache } from 'lru-cache';
import type { CachedToken, Clock } from './cached-token.js';
import { ServiceTokenError, ServiceUnavailableError } from './errors.js';
import type { RevocationLookup } from './revocation-lookup.js';
import type { TokenCounts } from './token-counts.js';

/** How long a failure is the answer to every call, so that callers in a loop do not cause requests. */
const FAILURE_MILLISECONDS = { refused: 5_000, unavailable: 1_000 };
/** How long a token that replaced a rejected one is not replaced again. */
const REPLACED_MILLISECONDS = 10_000;

/** A token that a caller wants, and how to obtain it. */
export interface TokenRequest {
  /** Tokens with the same key are the same. */
  readonly key: string;
  readonly grant: ServiceTokenError['grant'];
  /** The credential that is exchanged, with everything behind it. */
  readonly subject: RevocationLookup;
  /** @throws ServiceTokenError `expired` if the subject has expired */
  readonly checkExpiry: () => void;
  /** Obtains a new token. */
  readonly obtain: (replacesRejected: boolean) => Promise<CachedToken>;
}

interface Failure {
  readonly error: Error;
  readonly until: number;
}

/**
 * Caches tokens by their subject and target. At every use, the deny-list is asked about the subject and about
 * the token, so
 * that an entry is useless from the moment at which this process hears of a log-out.
 */
export class TokenCache {
  readonly #tokens: LRUCache<string, CachedToken>;
  readonly #failures: LRUCache<string, Failure>;
  readonly #pending = new Map<string, Promise<CachedToken>>();

  constructor(
    maxEntries: number,
    private readonly clock: Clock,
    private readonly counts: TokenCounts,
  ) {
    this.#tokens = new LRUCache({ max: maxEntries });
    this.#failures = new LRUCache({ max: maxEntries });
  }

  /** Number of tokens. */
  get size(): number {
    return this.#tokens.size;
  }

  /** Forgets everything. */
  clear(): void {
    this.#tokens.clear();
    this.#failures.clear();
  }

  /**
   * Returns a token that is good now.
   *
   * @param rejected the token that the service has just rejected, to get another one
   * @throws ServiceTokenError, ServiceUnavailableError
   */
  async get(request: TokenRequest, rejected?: string): Promise<string> {
    this.#requireLive(request);
    const cached = this.#usable(request, rejected);
    if (cached) {
      this.counts.countHit();
      if (cached.isDue(this.clock)) this.#renew(request);
      return cached.token;
    }
    const obtained = await (this.#pending.get(request.key) ??
      this.#start(request, rejected !== undefined));
    // A log-out may have arrived while the issuer was asked.
    this.#requireLive(request);
    if (obtained.isRevoked()) throw this.#revoked(request);
    return obtained.token;
  }

  #requireLive(request: TokenRequest): void {
    if (request.subject.isRevoked()) throw this.#revoked(request);
    request.checkExpiry();
  }

  #revoked({ key, grant }: TokenRequest): ServiceTokenError {
    this.#drop(key);
    const what = grant === 'client_credentials' ? 'the client' : 'the session';
    return new ServiceTokenError('revoked', `${what} or its token was revoked`, grant);
  }

  #drop(key: string): void {
    if (this.#tokens.delete(key)) this.counts.countDropped();
  }

  /** Drops an entry that expired, was revoked by itself, or was rejected: the issuer decides anew. */
  #usable({ key }: TokenRequest, rejected: string | undefined): CachedToken | undefined {
    const cached = this.#tokens.get(key);
    if (!cached) return undefined;
    const isBad =
      cached.isExpired(this.clock) ||
      cached.isRevoked() ||
      (cached.token === rejected && !this.#wasJustReplaced(cached));
    if (!isBad) return cached;
    this.#drop(key);
    return undefined;
  }

  /** A service that rejects every token would otherwise cause an exchange per call. */
  #wasJustReplaced(cached: CachedToken): boolean {
    return cached.replacesRejected && cached.ageMilliseconds(this.clock) < REPLACED_MILLISECONDS;
  }

  /** Obtains the next token in the background. Its failure shows once this one has expired. */
  #renew(request: TokenRequest): void {
    if (this.#pending.has(request.key) || this.#failureOf(request.key)) return;
    this.#start(request, false).catch(() => undefined);
  }

  /** Asks the issuer once for all waiting callers. */
  async #start(request: TokenRequest, replacesRejected: boolean): Promise<CachedToken> {
    const { key } = request;
    const failure = this.#failureOf(key);
    if (failure) throw failure.error;
    const pending = this.#obtain(request, replacesRejected);
    this.#pending.set(key, pending);
    try {
      return await pending;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #obtain(request: TokenRequest, replacesRejected: boolean): Promise<CachedToken> {
    const { key } = request;
    try {
      const obtained = await request.obtain(replacesRejected);
      if (!request.subject.isRevoked() && !obtained.isRevoked()) this.#tokens.set(key, obtained);
      return obtained;
    } catch (error) {
      this.#rememberFailure(key, error);
      throw error;
    }
  }

  #failureOf(key: string): Failure | undefined {
    const failure = this.#failures.get(key);
    if (!failure || this.clock.monotonicNow() < failure.until) return failure;
    this.#failures.delete(key);
    return undefined;
  }

  #rememberFailure(key: string, error: unknown): void {
    const isRefused = error instanceof ServiceTokenError;
    if (!isRefused && !(error instanceof ServiceUnavailableError)) return;
    const milliseconds = FAILURE_MILLISECONDS[isRefused ? 'refused' : 'unavailable'];
    this.#failures.set(key, { error, until: this.clock.monotonicNow() + milliseconds });
  }
}
