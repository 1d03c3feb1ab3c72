/** Why a token is not acceptable. The log learns the code, the caller only `invalid_token`. */
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
  /** It is bound to a key (`cnf`, RFC 7800), and this verifier cannot check the proof. */
  | 'sender_constrained'
  | 'revoked';

/**
 * The token is not acceptable. Never thrown for infrastructure faults.
 *
 * It has no stack trace: that would be most of what a refusal costs, and whoever sends bad tokens
 * decides how many there are. The code says where it comes from.
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  constructor(
    readonly code: TokenErrorCode,
    /** What exactly is wrong, without any value from the token. */
    readonly detail?: string,
    options?: ErrorOptions,
  ) {
    const { stackTraceLimit } = Error;
    // Where it may not be set, there is a trace.
    Reflect.set(Error, 'stackTraceLimit', 0);
    super(`token rejected: ${code}${detail === undefined ? '' : ` (${detail})`}`, options);
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Why it cannot be told whether a token is acceptable. Worth an alarm, unlike a refused token. */
export type VerifierUnavailableCode =
  /** No key set could be fetched from the issuer yet. */
  | 'keys_unreachable'
  /** The deny-list has not been filled since start. */
  | 'revocations_not_loaded'
  /** The deny-list has not applied what the caller knows of. */
  | 'revocations_behind'
  /** The deny-list is older than `maxStalenessSeconds` and `whenStale` is `refuse`. */
  | 'revocations_stale'
  /**
   * The token is not valid yet by this machine's clock, and it is by the issuer's, which the deny-list
   * knows to be ahead. One of the two clocks is wrong.
   */
  | 'clock_behind'
  /**
   * The token has expired by this machine's clock and not by the issuer's, which the deny-list knows to be
   * behind by more than the tolerance. One of the two clocks is wrong.
   */
  | 'clock_ahead'
  /** The deny-list is stale, `whenStale` is `ask`, and the issuer has not answered. */
  | 'introspection_unavailable';

/** It cannot be told whether the token is acceptable. */
export class VerifierUnavailableError extends Error {
  override readonly name = 'VerifierUnavailableError';
  constructor(
    readonly code: VerifierUnavailableCode,
    options?: ErrorOptions,
  ) {
    super(`cannot verify: ${code}`, options);
  }
}
