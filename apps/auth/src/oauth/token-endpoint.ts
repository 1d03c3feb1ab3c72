import {
  SESSION_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TRANSACTION_TOKEN_TYPE_URI,
} from '@latchkey/contracts/auth-api';

/** The description of the token endpoint for OpenAPI, in Markdown. */
export const TOKEN_ENDPOINT =
  '`grant_type=refresh_token`: a browser sends its cookie instead of `refresh_token`. A refresh ' +
  'token can be used once. Repeating it within a few seconds returns the same successor; later ' +
  'reuse ends the session, unless the token came from a cookie and no successor was used. Tokens come in the body or in cookies, as chosen at log-in.\n\n' +
  '`grant_type=client_credentials`: for a confidential client that is configured with scopes ' +
  'and authenticates with Basic or with `client_id` and `client_secret`. `scope` narrows the ' +
  'scopes, `resource` or `audience` (RFC 8707) the services, and with them the scopes that these ' +
  'know. There is no refresh token. Errors: `invalid_client`, `unauthorized_client` for a public client or one without scopes, ' +
  '`invalid_scope`, `invalid_target`.\n\n' +
  `\`grant_type=${TOKEN_EXCHANGE_GRANT}\`: for a confidential client that is configured with ` +
  'services to exchange tokens for. Send the user’s access token that the client was called ' +
  'with (the client is in its `aud`) as `subject_token`, with the `subject_token_type` of an ' +
  `access token; or the value of the session cookie that it was called with, and the type ` +
  `\`${SESSION_TOKEN_TYPE_URI}\`. The new token has the same user and session, names the client ` +
  'in `act`, expires no later than the subject token or the session, and is revoked with it. ' +
  '`resource` or `audience` select the service. Without `scope`, the token has the scopes of the ' +
  'subject token that the service knows and that the client may use there; if there is none, or ' +
  '`scope` asks for more, the error is `invalid_scope`. `actor_token` is not supported. An ' +
  'unacceptable subject token gets `invalid_request` (RFC 8693 §2.2.2).\n\n' +
  `With \`requested_token_type=${TRANSACTION_TOKEN_TYPE_URI}\`, the new token is a transaction ` +
  'token (draft-ietf-oauth-transaction-tokens-10), if the service has a `TRUST_DOMAIN`: `audience` ' +
  'must be that, and `scope` is required. `request_context` and `request_details` are JSON objects ' +
  'with at most 2 KiB each. A transaction token as `subject_token` is replaced: the new one is ' +
  'for the same transaction, and allows no more, and for no longer.';
