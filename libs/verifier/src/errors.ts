import { MAX_TOKEN_BYTES } from '@latchkey/contracts';

/** Why a token was rejected. Log the code; tell the client only `invalid_token`. */
export type TokenErrorCode =
  /** The token is larger than 8 KiB. */
  | 'too_large'
  /** The token is not a JWT: wrong segments, base64url or JSON, or a header without `alg`, `kid` or `typ`. */
  | 'malformed'
  /** The header has a member that the verifier rejects: `crit`, `b64`, `zip`, `cty` or a key. */
  | 'unsupported_header'
  /** `typ` is not one of `tokenTypes`. */
  | 'wrong_type'
  /** `alg` is not the algorithm of the key, RS256. */
  | 'wrong_algorithm'
  /** The issuer's key set does not contain `kid`. */
  | 'unknown_key'
  /** The signature does not match. */
  | 'bad_signature'
  /** A claim is missing, has a wrong type, or `exp` is not after `iat`. */
  | 'invalid_claims'
  /** `iss` is not exactly one of the trusted issuers. */
  | 'untrusted_issuer'
  /** `aud` does not contain the audience. */
  | 'wrong_audience'
  /** `exp` has passed. */
  | 'expired'
  /** `iat` or `nbf` is in the future. */
  | 'not_yet_valid'
  /** `exp` − `iat` exceeds `maxLifetimeSeconds`. */
  | 'lifetime_too_long'
  /** The token is bound to a key (`cnf`, RFC 7800), and the verifier does not check proofs of possession. */
  | 'sender_constrained'
  /** The deny-list contains the token, its session, subject, client or key, or introspection says so. */
  | 'revoked';

const REJECTIONS: Readonly<Record<TokenErrorCode, string>> = {
  too_large: `it is larger than ${MAX_TOKEN_BYTES} bytes`,
  malformed: 'it is not a well-formed JWT',
  unsupported_header: 'its header has a member that is rejected',
  wrong_type: 'its typ is not one of tokenTypes',
  wrong_algorithm: 'its alg is not that of its key',
  unknown_key: "its kid is not in the issuer's key set",
  bad_signature: 'its signature does not match',
  invalid_claims: 'a claim is missing or invalid',
  untrusted_issuer: 'its iss is not a trusted issuer',
  wrong_audience: 'its aud does not contain the audience',
  expired: 'it has expired',
  not_yet_valid: 'it is not valid yet',
  lifetime_too_long: 'its lifetime exceeds maxLifetimeSeconds',
  sender_constrained: 'it is bound to a key (cnf)',
  revoked: 'it was revoked',
};

/**
 * The token is invalid: respond with 401. Never thrown for infrastructure failures.
 *
 * It has no stack trace. Capturing one would be most of the cost of a rejection, and attackers can send
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
    const reason = REJECTIONS[code] + (detail === undefined ? '' : ` (${detail})`);
    super(`The token was rejected: ${reason}`, options);
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Why a token could not be verified. These codes are worth an alert; rejected tokens are not. */
export type VerifierUnavailableCode =
  /** There is no usable key set, because it could not be fetched from the issuer. */
  | 'keys_unreachable'
  /** The deny-list has not been loaded since the start. */
  | 'revocations_not_loaded'
  /** The deny-list has not applied everything up to `minSerial`, or there is none that could. */
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
  /**
   * The deny-list is stale, `whenStale` is `ask`, and the issuer did not give a valid answer in time, or
   * 64 requests to it are already pending.
   */
  | 'introspection_unavailable';

const UNAVAILABILITIES: Readonly<Record<VerifierUnavailableCode, string>> = {
  keys_unreachable: "the issuer's key set cannot be fetched; check jwksUri and the network",
  revocations_not_loaded: 'the deny-list has not been loaded; check the revocation feed',
  revocations_behind: 'the deny-list has not applied every revocation up to minSerial',
  revocations_stale: 'the deny-list is stale; check the revocation feed',
  clock_behind: "this machine's clock is behind the issuer's; synchronize both (NTP)",
  clock_ahead: "this machine's clock is ahead of the issuer's; synchronize both (NTP)",
  introspection_unavailable: 'the deny-list is stale, and the issuer gave no valid answer',
};

/** The token could not be verified: respond with 503. */
export class VerifierUnavailableError extends Error {
  override readonly name = 'VerifierUnavailableError';
  constructor(
    readonly code: VerifierUnavailableCode,
    options?: ErrorOptions,
  ) {
    super(`The token cannot be verified: ${UNAVAILABILITIES[code]}`, options);
  }
}
