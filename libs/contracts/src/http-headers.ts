/** Request id: taken from the caller or made, logged, and passed on to the next service. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** RFC draft-ietf-httpapi-idempotency-key-header. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/** On an answer that revoked something: the serial number of the revocation, in decimal. */
export const REVOCATION_POSITION_HEADER = 'revocation-position';

/**
 * With a call: the highest {@link REVOCATION_POSITION_HEADER} that the caller has seen. A verifier
 * that has not applied it answers 503 rather than judge by less than the caller knows.
 */
export const REVOCATION_MIN_POSITION_HEADER = 'revocation-min-position';
