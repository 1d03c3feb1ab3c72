/** Why a token was refused. Log the code; tell the client only `invalid_token`. */
export type TokenErrorCode =
  | 'too_large'
  | 'malformed'
  | 'unsupported_header'
  | 'wrong_type'
  | 'wrong_algorithm'
  | 'unknown_key'
  | 'bad_signature'
  | 'invalid_claims'
  | 'untrusted_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  | 'lifetime_too_long'
  /** The token is bound to a key (`cnf`, RFC 7800), and the verifier does not check proofs of possession. */
  | 'sender_constrained'
  | 'revoked';

/**
 * The token is invalid: respond with 401. Never thrown for infrastructure failures.
 *
 * It has no stack trace. Capturing one would be most of the cost of a refusal, and attackers can send
 * any number of bad tokens.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  constructor(
    readonly code: TokenErrorCode,
    /** Details for the log. Contains no values from the token. */
    readonly detail?: string,
    options?: ErrorOptions,
  ) {
    const { stackTraceLimit } = Error;
    // `Reflect.set` does not throw if the property is read-only; the error then has a stack trace.
    Reflect.set(Error, 'stackTraceLimit', 0);
    super(`token rejected: ${code}${detail === undefined ? '' : ` (${detail})`}`, options);
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Why a token could not be verified. Unlike a refused token, it deserves an alert. */
export type VerifierUnavailableCode =
  /** There is no usable key set, because it could not be fetched from the issuer. */
  | 'keys_unreachable'
  /** The deny-list has not been loaded since the start. */
  | 'revocations_not_loaded'
  /** The deny-list has not applied everything up to `minSerial`. */
  | 'revocations_behind'
  /** The deny-list is older than `maxStalenessSeconds` and `whenStale` is `refuse`. */
  | 'revocations_stale'
  /**
   * The token is not valid yet by this machine's clock, but is valid by the issuer's, which the deny-list
   * knows to be ahead. One of the clocks is wrong.
   */
  | 'clock_behind'
  /**
   * The token has expired by this machine's clock, but not by the issuer's, which the deny-list knows to
   * be behind by more than the tolerance. One of the clocks is wrong.
   */
  | 'clock_ahead'
  /** The deny-list is stale, `whenStale` is `ask`, and the issuer did not answer. */
  | 'introspection_unavailable';

/** The token could not be verified: respond with 503. */
export class VerifierUnavailableError extends Error {
  override readonly name = 'VerifierUnavailableError';
  constructor(
    readonly code: VerifierUnavailableCode,
    options?: ErrorOptions,
  ) {
    super(`cannot verify: ${code}`, options);
  }
}
