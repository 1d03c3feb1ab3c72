/** The request id. Services take it from the caller or generate it, log it, and pass it on. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** Makes a POST safe to retry (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/**
 * Response header of a request that revoked something: the revocation's serial number, in decimal. It is
 * not a sequence of the stream.
 */
export const REVOCATION_POSITION_HEADER = 'revocation-position';

/**
 * Request header with the highest {@link REVOCATION_POSITION_HEADER} that the caller has seen. A
 * verifier that has not applied it yet answers 503, so that a caller never gets a stale read after
 * its own log-out.
 */
export const REVOCATION_MIN_POSITION_HEADER = 'revocation-min-position';

/** The syntax of both position headers. Every match is a safe integer. */
export const REVOCATION_POSITION_PATTERN = /^\d{1,15}$/;

/**
 * Request header with exactly one transaction token (draft-ietf-oauth-transaction-tokens-10, "Txn-Token
 * HTTP Header"). The caller's own access token is in `Authorization`.
 */
export const TRANSACTION_TOKEN_HEADER = 'txn-token';
