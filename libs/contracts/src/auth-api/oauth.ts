import { z } from 'zod';
import { ActorClaim } from '../access-token.js';
import { TransactionContext } from '../transaction-context.js';
import { CLIENT_ASSERTION_TYPE } from './clients.js';

/** `grant_type` of a token exchange (RFC 8693 §2.1). */
export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** The type of an access token, the token that an exchange accepts and issues (RFC 8693 §3). */
export const ACCESS_TOKEN_TYPE_URI = 'urn:ietf:params:oauth:token-type:access_token';
/** The other token type that an exchange accepts: the value of a session cookie, for which RFC 8693 has no name. */
export const SESSION_TOKEN_TYPE_URI = 'urn:latchkey:token-type:session';

/** The type of a transaction token (draft-ietf-oauth-transaction-tokens-10, "Txn-Token Request"). */
export const TRANSACTION_TOKEN_TYPE_URI = 'urn:ietf:params:oauth:token-type:txn_token';

/** A token response (RFC 6749 §5.1). A refresh token that was set as a cookie is left out. */
export const TokenReply = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().positive(),
  scope: z.string(),
  refresh_token: z.string().optional(),
});
export type TokenReply = z.infer<typeof TokenReply>;

/** The response when the access token was set as a cookie: when to refresh it, and its scopes. */
export const TokenCookieReply = TokenReply.pick({ expires_in: true, scope: true });
export type TokenCookieReply = z.infer<typeof TokenCookieReply>;

/** A token exchange response (RFC 8693 §2.2.1). */
export const TokenExchangeReply = TokenReply.omit({ refresh_token: true }).extend({
  issued_token_type: z.literal(ACCESS_TOKEN_TYPE_URI),
});
export type TokenExchangeReply = z.infer<typeof TokenExchangeReply>;

/**
 * The response to a request for a transaction token (draft-ietf-oauth-transaction-tokens-10, "Txn-Token
 * Response"). `N_A`, because the token is not an access token that a client could use.
 */
export const TransactionTokenReply = TokenReply.omit({ refresh_token: true }).extend({
  token_type: z.literal('N_A'),
  issued_token_type: z.literal(TRANSACTION_TOKEN_TYPE_URI),
});
export type TransactionTokenReply = z.infer<typeof TransactionTokenReply>;

const OAuthParameter = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be sent once') })
  .max(8 * 1024 + 1);

/** Removes white space around a token, such as the line break of a file that it was copied from. */
const TokenParameter = OAuthParameter.trim();

function withoutEmptyParameters(form: unknown): unknown {
  // An empty body is a form without parameters.
  if (form === undefined) return {};
  if (typeof form !== 'object' || form === null) return form;
  return Object.fromEntries(Object.entries(form).filter(([, text]) => text !== ''));
}

/**
 * The form of an OAuth endpoint (RFC 6749 §3.2). Empty parameters count as missing, repeated ones are
 * errors, and unknown ones are ignored.
 */
const oauthForm = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(withoutEmptyParameters, z.object(shape).catchall(OAuthParameter));

/** Client credentials in a form (RFC 6749 §2.3.1, RFC 7523 §2.2). */
const clientCredentials = {
  client_id: OAuthParameter.optional(),
  client_secret: OAuthParameter.optional(),
  client_assertion_type: OAuthParameter.describe(`\`${CLIENT_ASSERTION_TYPE}\``).optional(),
  client_assertion: TokenParameter.optional(),
};

/** `POST /oauth/token` (RFC 6749 §4.4 and §6, RFC 8693 §2.1). */
export const TokenForm = oauthForm({
  grant_type: OAuthParameter.describe(
    `\`refresh_token\`, \`client_credentials\` or \`${TOKEN_EXCHANGE_GRANT}\``,
  ),
  refresh_token: TokenParameter.optional(),
  /** At most the scopes of the session, the client or the subject token. */
  scope: OAuthParameter.optional(),
  /** The service that the token is for (RFC 8707 §2). It must be allowed for the client. */
  resource: OAuthParameter.optional(),
  /** A synonym of `resource` (RFC 8693 §2.1). */
  audience: OAuthParameter.optional(),
  /** The user's access token, or the value of the session cookie, to exchange. */
  subject_token: TokenParameter.optional(),
  subject_token_type: OAuthParameter.describe(
    `\`${ACCESS_TOKEN_TYPE_URI}\` or \`${SESSION_TOKEN_TYPE_URI}\``,
  ).optional(),
  requested_token_type: OAuthParameter.describe(
    `\`${ACCESS_TOKEN_TYPE_URI}\` or \`${TRANSACTION_TOKEN_TYPE_URI}\``,
  ).optional(),
  /** The environment of the request, for a transaction token: a JSON object. */
  request_context: OAuthParameter.optional(),
  /** The details of the transaction, for a transaction token: a JSON object. */
  request_details: OAuthParameter.optional(),
  /** Refused, because the actor is always the authenticated client. */
  actor_token: OAuthParameter.optional(),
  actor_token_type: OAuthParameter.optional(),
  ...clientCredentials,
});
export type TokenForm = z.infer<typeof TokenForm>;

/** `request_context` or `request_details` of a token request: a {@link TransactionContext} as JSON text. */
export const TransactionContextParameter = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('must be a JSON object');
      return z.NEVER;
    }
  })
  .pipe(TransactionContext);

/** `POST /oauth/revoke` (RFC 7009 §2.1) and `POST /oauth/introspect` (RFC 7662 §2.1). */
export const PresentedTokenForm = oauthForm({
  token: TokenParameter,
  /** Only a hint: the server looks for both types of token. */
  token_type_hint: OAuthParameter.optional(),
  ...clientCredentials,
});
export type PresentedTokenForm = z.infer<typeof PresentedTokenForm>;

/** `POST /revocations/snapshot`. The form only says which client asks. */
export const SnapshotForm = oauthForm(clientCredentials);
export type SnapshotForm = z.infer<typeof SnapshotForm>;

/** An introspection response (RFC 7662 §2.2). It reveals nothing about an inactive token. */
export const IntrospectionReply = z.union([
  z.object({ active: z.literal(false) }),
  z.object({
    active: z.literal(true),
    token_type: z.literal('Bearer'),
    iss: z.url(),
    sub: z.string(),
    aud: z.array(z.string()),
    exp: z.number().int(),
    iat: z.number().int(),
    jti: z.string(),
    client_id: z.string(),
    scope: z.string(),
    /** Absent for a client's own token. */
    username: z.string().optional(),
    /** Absent for a client's own token, which has no session. */
    sid: z.uuid().optional(),
    /** Present on an exchanged token: the client that acts for the user (RFC 8693 §4.1). */
    act: ActorClaim.optional(),
  }),
]);
export type IntrospectionReply = z.infer<typeof IntrospectionReply>;

/** An error response (RFC 6749 §5.2), with `invalid_target` of RFC 8707 §2 and RFC 8693 §2.2.2. */
export const OAuthError = z.object({
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'unsupported_token_type',
    'invalid_scope',
    'invalid_target',
    'server_error',
    'temporarily_unavailable',
  ]),
  error_description: z.string().optional(),
});
export type OAuthError = z.infer<typeof OAuthError>;
