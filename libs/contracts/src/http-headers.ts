/** Request id: taken from the caller or made, logged, and passed on to the next service. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** RFC draft-ietf-httpapi-idempotency-key-header. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/** On an answer that revoked something: the stream position of the revocation, `<epoch>:<sequence>`. */
export const REVOCATION_POSITION_HEADER = 'revocation-position';
