/**
 * The people, ids and times of all examples, so that they tell one story: Ada logs in, uses her session and logs out,
 * and an administrator sees it.
 */
export const ADA = {
  id: '0193b2a4-7c1e-7d52-9f3a-5b6c7d8e9f01',
  username: 'ada',
  password: 'correct horse battery staple',
};
export const ADMINISTRATOR = '0193b2a4-7c1e-7d52-9f3a-5b6c7d8e9f02';
export const SESSION = '0193b2a5-11d0-7a44-8e2b-0c1d2e3f4a5b';
export const OTHER_SESSION = '0193b1f0-5e6d-7c8b-9a0f-1e2d3c4b5a69';
export const TOKEN_ID = '0193b2a5-11d4-7f10-b5c6-d7e8f9a0b1c2';
export const TRANSACTION = '0193b2a6-20ab-7cde-8f01-23456789abcd';
export const REQUEST = '0193b2a5-11cf-7bed-a123-456789abcdef';
/** A key's thumbprint (RFC 7638), as in RFC 8037 appendix A.3. */
export const KEY_ID = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
/** The client ids of a page and of a service. */
export const PAGE_CLIENT = 'latchkey-web';
export const SERVICE_CLIENT = 'shipping';
export const CREDENTIAL = '0193a0c1-33aa-7bbb-8ccc-9dddeeefff00';
export const SCOPE = 'orders:read orders:write';

export const LOGGED_IN_AT = '2026-11-30T12:00:00.000Z';
export const LOGGED_OUT_AT = '2026-11-30T12:03:11.042Z';
export const LATER = '2026-11-30T12:03:11.500Z';
export const SESSION_ENDS_AT = '2026-12-30T12:00:00.000Z';
export const REGISTERED_AT = '2026-10-01T08:30:00.000Z';
/** {@link LOGGED_IN_AT} as a NumericDate. */
export const ISSUED_AT = 1_796_040_000;

/** Nothing in a document looks like a token, a secret or a key that somebody might have lost. */
export const PLACEHOLDERS = {
  accessToken: 'example-access-token',
  refreshToken: 'example-refresh-token',
  transactionToken: 'example-transaction-token',
  clientSecret: 'example-client-secret',
  clientAssertion: 'example-client-assertion',
  csrfToken: 'example-csrf-token',
  modulus: 'example-modulus',
};
