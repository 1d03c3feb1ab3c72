import { nonEmptyString, option } from '@latchkey/contracts/options';
import type { Principal } from '@latchkey/verifier';
import type { TokenEndpointResponse } from 'oauth4webapi';
import { AuthorizationServer } from './authorization-server.js';
import { CachedToken, frozen } from './cached-token.js';
import { closingController } from './deadline.js';
import type { ServiceTokenError } from './errors.js';
import { readIssuedToken, type Expected } from './issued-token.js';
import { lookupOf, type RevocationLookup } from './revocation-lookup.js';
import { normalizedScopes, type Scopes } from './scope-list.js';
import {
  readServiceTokensOptions,
  type ServiceTokensOptions,
  type ServiceTokensSettings,
} from './service-tokens-options.js';
import { Subjects, type Subject } from './subject.js';
import { TokenCache } from './token-cache.js';
import { TokenCounts, type ServiceTokensStatus } from './token-counts.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenOutcomes } from './token-outcomes.js';
import type { TokenTarget } from './token-target.js';
import {
  readTransaction,
  transactionRequest,
  type ReplacementOptions,
  type TransactionOptions,
} from './transaction.js';

/** Options of one request for a token. */
export interface TokenOptions {
  /**
   * The token that the target has just rejected with 401. Another one is returned: the one that a parallel
   * caller has obtained meanwhile, or a new one. If that was rejected as well, the same token is returned
   * for 10 seconds, so that a target that rejects everything does not cause a request for each call.
   */
  readonly rejected?: string | undefined;
}

/** The tokens of a call within a transaction. */
export interface TransactionTokens {
  /** For `Authorization`. */
  readonly accessToken: string;
  /** For `Txn-Token`. */
  readonly transactionToken: string;
}

/** A token that lives almost as long as its subject token can never be replaced by one that lives longer. */
const RENEWAL_GAIN_MILLISECONDS = 5_000;

/** The subject of a client's own token: a revocation of the client matches each token by itself. */
const NOBODY: RevocationLookup = { isRevoked: () => false };

/**
 * Tokens with which a service calls others: its own, and those to act for a user. Each is for one audience
 * and only the scopes that are asked for, and is kept until it expires, or until the deny-list says that it
 * is revoked.
 */
export class ServiceTokens {
  readonly #settings: ServiceTokensSettings;
  readonly #subjects: Subjects;
  readonly #cache: TokenCache;
  readonly #endpoint: TokenEndpoint;
  readonly #counts = new TokenCounts();
  readonly #outcomes: TokenOutcomes;
  readonly #closed = closingController();

  /** @throws TypeError that names the missing or invalid option */
  constructor(options: ServiceTokensOptions) {
    const settings = readServiceTokensOptions(options);
    const { issuer, tokenEndpoint, allowHttp, maxEntries, clock, onEvent } = settings;
    this.#settings = settings;
    this.#subjects = new Subjects(settings.revocations);
    this.#outcomes = new TokenOutcomes(this.#counts, clock, onEvent);
    this.#cache = new TokenCache(maxEntries, clock, this.#counts);
    this.#endpoint = new TokenEndpoint(
      settings,
      new AuthorizationServer(issuer, tokenEndpoint, allowHttp),
      settings.authentication,
      this.#closed.signal,
    );
  }

  /**
   * A token of this service's own, for work without a user (RFC 6749 §4.4). It is secret: do not log
   * it.
   *
   * @throws ServiceTokenError if the issuer refuses, or what it issues is revoked
   * @throws ServiceUnavailableError if the issuer cannot be asked
   */
  async own(audience: string, scopes: Scopes, { rejected }: TokenOptions = {}): Promise<string> {
    const target = targetOf(audience, scopes);
    const grant = 'client_credentials';
    const obtain = (replacesRejected: boolean) =>
      this.#obtain(
        { ...target, issuer: this.#settings.issuer, grant },
        () => this.#endpoint.own(target),
        { replacesRejected, maxMilliseconds: Infinity },
      );
    const key = this.#keyOf(grant, target, []);
    const request = { key, grant, subject: NOBODY, checkExpiry: () => undefined, obtain } as const;
    return this.#cache.get(request, rejected);
  }

  /**
   * A token with which this service acts for the user of a request (RFC 8693). It dies with the session:
   * from the moment at which the deny-list hears of a log-out, this throws. It is secret: do not log it.
   *
   * @param principal as the verifier or a guard returned it; a copy does not have the user's credential
   * @throws ServiceTokenError `revoked`, `expired`, `no_subject_token`, or the issuer's code if it refuses
   * @throws ServiceUnavailableError if the issuer cannot be asked
   */
  async onBehalfOf(
    principal: Principal,
    audience: string,
    scopes: Scopes,
    { rejected }: TokenOptions = {},
  ): Promise<string> {
    const target = targetOf(audience, scopes);
    const grant = 'token_exchange';
    const subject = this.#subjects.of(principal);
    if (subject.subjectToken.type === 'transaction_token')
      throw new TypeError('a transaction token cannot be exchanged: use withinTransaction()');
    const { clock } = this.#settings;
    const obtain = (replacesRejected: boolean) =>
      this.#obtain(
        this.#expectedFor(subject, target),
        () => this.#endpoint.exchange(subject.subjectToken, target),
        { replacesRejected, maxMilliseconds: subject.remainingMilliseconds(clock) },
      );
    const request = {
      key: this.#keyOf(grant, target, subject.keyParts),
      grant,
      subject: subject.revocation,
      checkExpiry: () => subject.checkExpiry(clock),
      obtain,
    } as const;
    return this.#cache.get(request, rejected);
  }

  /**
   * Begins a transaction for the user of a request: obtains one transaction token for all calls that are made
   * to answer it (draft-ietf-oauth-transaction-tokens-10). Call it once per request, and pass the result to
   * `ServiceClient.for()` in place of the principal. It is never cached: each transaction has its own id.
   *
   * A principal that came with a transaction token is returned as it is, so that the token is passed on.
   *
   * @param principal as the verifier or a guard returned it
   * @throws ServiceTokenError, ServiceUnavailableError as {@link onBehalfOf} does
   * @throws TypeError without the option `trustDomain`, or if an option is malformed
   */
  async beginTransaction(principal: Principal, options: TransactionOptions): Promise<Principal> {
    if (principal.transaction) return principal;
    return this.#transaction('beginTransaction()', principal, options);
  }

  /**
   * Replaces the transaction token of a request by one that names this service as well (`req_wl`), with the same
   * or fewer scopes, for what it calls in turn (draft-ietf-oauth-transaction-tokens-10, "Txn-Token as a
   * `subject_token`"). Transaction, subject and details stay the same; it expires no later, and ends with the token
   * that it replaces. A route with `@RequireActor()` needs it from a service that did not begin the transaction.
   *
   * @param principal of a request that came with a transaction token, or of {@link beginTransaction}
   * @throws ServiceTokenError, ServiceUnavailableError as {@link onBehalfOf} does
   * @throws TypeError for another principal, without the option `trustDomain`, or without scopes
   */
  async replaceTransaction(
    principal: Principal,
    { scopes }: ReplacementOptions,
  ): Promise<Principal> {
    if (!principal.transaction)
      throw new TypeError('replaceTransaction() needs the principal of a transaction');
    return this.#transaction('replaceTransaction()', principal, { scopes });
  }

  async #transaction(
    caller: string,
    principal: Principal,
    options: TransactionOptions,
  ): Promise<Principal> {
    const { trustDomain: audience, clock } = this.#settings;
    if (audience === undefined) throw new TypeError(`${caller} requires the option trustDomain`);
    const request = transactionRequest(audience, options);
    const subject = this.#subjects.of(principal);
    subject.requireLive(clock);
    const transaction = await this.#outcomes.of({ grant: 'token_exchange', audience }, async () =>
      readTransaction(
        await this.#endpoint.transaction(subject.subjectToken, request),
        request,
        principal,
      ),
    );
    // A log-out may have arrived while the issuer was asked.
    subject.requireLive(clock);
    return transaction;
  }

  /**
   * The two tokens of a call within a transaction: one of this service's own, for the audience, and that of
   * the transaction. They are secret: do not log them.
   *
   * @param principal of {@link beginTransaction}, or of a request that came with a transaction token
   * @throws ServiceTokenError, ServiceUnavailableError as {@link onBehalfOf} does
   */
  async withinTransaction(
    principal: Principal,
    audience: string,
    options: TokenOptions = {},
  ): Promise<TransactionTokens> {
    const subject = this.#subjects.of(principal);
    const { clock } = this.#settings;
    subject.requireLive(clock);
    // The token only says who is calling. The transaction token has the scopes.
    const accessToken = await this.own(audience, [], options);
    subject.requireLive(clock);
    return { accessToken, transactionToken: subject.subjectToken.token };
  }

  /** The state of the cache and the token endpoint, for health checks and metrics. */
  status(): ServiceTokensStatus {
    const { circuit, waiting } = this.#endpoint;
    return { entries: this.#cache.size, ...this.#counts.report(), waiting, circuit };
  }

  /** Ends pending requests, and forgets all tokens. Later calls throw `aborted`. */
  close(): void {
    this.#closed.abort();
    this.#cache.clear();
  }

  #keyOf(
    grant: ServiceTokenError['grant'],
    { audience, scopes }: TokenTarget,
    subject: readonly string[],
  ): string {
    const { issuer, clientId } = this.#settings;
    return JSON.stringify([grant, issuer, clientId, audience, scopes, subject]);
  }

  #expectedFor({ principal }: Subject, target: TokenTarget): Expected {
    const { issuer } = this.#settings;
    const { subject, sessionId } = principal;
    const user = { subject, ...(sessionId !== undefined && { sessionId }) };
    const isSameIssuer = principal.issuer === issuer;
    return { ...target, issuer, grant: 'token_exchange', ...(isSameIssuer && { user }) };
  }

  async #obtain(
    expected: Expected,
    ask: () => Promise<TokenEndpointResponse>,
    limits: { readonly replacesRejected: boolean; readonly maxMilliseconds: number },
  ): Promise<CachedToken> {
    const { revocations, clock } = this.#settings;
    const askedAt = frozen(clock);
    const issued = await this.#outcomes.of(expected, async () =>
      readIssuedToken(await ask(), expected),
    );
    const milliseconds = issued.lifetimeSeconds * 1000;
    const facts = {
      lifetimeMilliseconds: Math.min(milliseconds, limits.maxMilliseconds),
      revocation: lookupOf(revocations, issued.identity),
      isRenewable: milliseconds + RENEWAL_GAIN_MILLISECONDS < limits.maxMilliseconds,
      replacesRejected: limits.replacesRejected,
    };
    return new CachedToken(issued.token, facts, askedAt);
  }
}

/** @throws TypeError if the audience or a scope is malformed */
function targetOf(audience: string, scopes: Scopes): TokenTarget {
  return {
    audience: option('audience', audience, nonEmptyString),
    scopes: normalizedScopes(scopes),
  };
}

/**
 * Creates the tokens of a service, like `new ServiceTokens(options)`.
 *
 * @throws TypeError that names the missing or invalid option
 */
export function createServiceTokens(options: ServiceTokensOptions): ServiceTokens {
  return new ServiceTokens(options);
}
