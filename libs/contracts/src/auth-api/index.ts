import { z } from 'zod';
import { ActorClaim } from '../access-token.js';
import { Username } from './username.js';

export { canonicalUsername, Username } from './username.js';

/** Passwords are taken exactly: 8 to 1,024 bytes of UTF-8, no trimming, no normalisation. */
export const PASSWORD_BYTES = { min: 8, max: 1024 } as const;

const byteLength = (text: string) => new TextEncoder().encode(text).byteLength;
/** A lone surrogate has no UTF-8 form: two different passwords would hash alike. */
const wellFormed = (text: string) => text.isWellFormed();

const NewPassword = z
  .string()
  .refine(wellFormed, 'must be well-formed Unicode')
  .refine((text) => byteLength(text) >= PASSWORD_BYTES.min, 'must have at least 8 bytes')
  .refine((text) => byteLength(text) <= PASSWORD_BYTES.max, 'must have at most 1024 bytes')
  // For OpenAPI, which counts characters: a password of 8 bytes may have 2 of them.
  .meta({
    description: '8 to 1024 bytes of UTF-8, taken exactly',
    minLength: 2,
    maxLength: PASSWORD_BYTES.max,
  });

/** At log-in no rule is told: any text up to the limit is simply right or wrong. */
const PresentedPassword = z
  .string()
  .min(1)
  .refine((text) => byteLength(text) <= PASSWORD_BYTES.max, 'must have at most 1024 bytes')
  .meta({ description: 'At most 1024 bytes of UTF-8', maxLength: PASSWORD_BYTES.max });

/** `POST /register`. */
export const RegisterRequest = z.strictObject({ username: Username, password: NewPassword });
export type RegisterRequest = z.infer<typeof RegisterRequest>;

/** The same whether the name was free or not. */
export const RegisterReply = z.object({ accepted: z.literal(true) });
export type RegisterReply = z.infer<typeof RegisterReply>;

/** Where a token of a log-in goes: into the answer, or into a `__Host-` HttpOnly cookie. */
export const TokenDelivery = z.enum(['body', 'cookie']);
export type TokenDelivery = z.infer<typeof TokenDelivery>;

/** The cookie of a browser's refresh token; the prefix binds it to one host and to HTTPS (RFC 6265bis §4.1.3.2). */
export const REFRESH_COOKIE = '__Host-latchkey-refresh';

const LoginCredentials = z.strictObject({ username: Username, password: PresentedPassword });

/** `POST /login`. Answered with {@link TokenReply}, or with {@link TokenCookieReply} and a cookie. */
export const LoginRequest = LoginCredentials.extend({
  refreshTokenDelivery: TokenDelivery.default('body'),
  accessTokenDelivery: TokenDelivery.default('body'),
}).refine(
  // A script that has the refresh token can get all the others.
  (request) => request.accessTokenDelivery === 'body' || request.refreshTokenDelivery === 'cookie',
  { path: ['accessTokenDelivery'], message: 'needs refreshTokenDelivery "cookie" beside it' },
);
export type LoginRequest = z.infer<typeof LoginRequest>;

/** `POST /session/login`. Answered with {@link CookieSessionReply} and a cookie. */
export const CookieLoginRequest = LoginCredentials;
export type CookieLoginRequest = z.infer<typeof CookieLoginRequest>;

/** The session of a cookie. */
export const CookieSessionReply = z.object({
  sid: z.uuid(),
  subject: z.string(),
  scope: z.string(),
  createdAt: z.iso.datetime(),
  /** At the latest; a session that is not used ends before. */
  expiresAt: z.iso.datetime(),
  /** To be sent as `X-CSRF-Token` by what sends neither `Origin` nor `Sec-Fetch-Site`. */
  csrfToken: z.string(),
});
export type CookieSessionReply = z.infer<typeof CookieSessionReply>;

/** `grant_type` of a token exchange (RFC 8693 §2.1). */
export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** The one token type of an exchange, of what is given and of what is got (RFC 8693 §3). */
export const ACCESS_TOKEN_TYPE_URI = 'urn:ietf:params:oauth:token-type:access_token';

/** RFC 6749 §5.1. `refresh_token` is left out when it went into a cookie. */
export const TokenReply = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().positive(),
  scope: z.string(),
  refresh_token: z.string().optional(),
});
export type TokenReply = z.infer<typeof TokenReply>;

/** What is told of an access token that went into a cookie: when the next one is due, and what it may do. */
export const TokenCookieReply = TokenReply.pick({ expires_in: true, scope: true });
export type TokenCookieReply = z.infer<typeof TokenCookieReply>;

/** RFC 8693 §2.2.1. */
export const TokenExchangeReply = TokenReply.omit({ refresh_token: true }).extend({
  issued_token_type: z.literal(ACCESS_TOKEN_TYPE_URI),
});
export type TokenExchangeReply = z.infer<typeof TokenExchangeReply>;

/** `POST /password`: ends the user's other sessions. */
export const ChangePasswordRequest = z.strictObject({
  currentPassword: PresentedPassword,
  newPassword: NewPassword,
});
export type ChangePasswordRequest = z.infer<typeof ChangePasswordRequest>;

/** A refresh token as presented: opaque and not blank, but never longer than what was issued. */
const PresentedRefreshToken = z.string().regex(/\S/, 'must not be blank').max(256);

/** Ends the session of a refresh token, for callers without an access token or a cookie. */
export const LogoutRequest = z.strictObject({ refreshToken: PresentedRefreshToken.optional() });
export type LogoutRequest = z.infer<typeof LogoutRequest>;

/** `202`: recorded, but not yet on its way to the services. */
export const RevocationPendingReply = z.object({
  recorded: z.literal(true),
  /** Refresh tokens are dead already; access tokens may be accepted for this much longer. */
  accessTokensMayLiveSeconds: z.number().int().positive(),
});
export type RevocationPendingReply = z.infer<typeof RevocationPendingReply>;

/** One log-in of one user on one device; `current` is the one that asks. */
export const SessionReply = z.object({
  sid: z.uuid(),
  current: z.boolean(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  userAgent: z.string().nullable(),
});
/** `GET /sessions`: the sessions of the caller that still live. */
export const SessionListReply = z.object({ sessions: z.array(SessionReply) });
export type SessionListReply = z.infer<typeof SessionListReply>;

const OAuthParameter = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be sent once') })
  .max(8 * 1024 + 1);

/** What a copy from a file leaves around it is no part of a token. */
const TokenParameter = OAuthParameter.trim();

function withoutEmptyParameters(form: unknown): unknown {
  if (typeof form !== 'object' || form === null) return form;
  return Object.fromEntries(Object.entries(form).filter(([, text]) => text !== ''));
}

/**
 * A form of an OAuth endpoint (RFC 6749 §3.2): a parameter without a value counts as left out, one
 * that is sent twice is an error, unknown ones are ignored.
 */
const oauthForm = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(withoutEmptyParameters, z.object(shape).catchall(OAuthParameter));

/** How a client may name and prove itself in a form (RFC 6749 §2.3.1). */
const clientCredentials = {
  client_id: OAuthParameter.optional(),
  client_secret: OAuthParameter.optional(),
};

/** `POST /oauth/token` (RFC 6749 §4.4 and §6, RFC 8693 §2.1). */
export const TokenForm = oauthForm({
  grant_type: OAuthParameter.describe(
    `\`refresh_token\`, \`client_credentials\` or \`${TOKEN_EXCHANGE_GRANT}\``,
  ),
  refresh_token: TokenParameter.optional(),
  /** No more than the session, the client or the subject token has; less narrows this access token. */
  scope: OAuthParameter.optional(),
  /** The service that the token is for (RFC 8707 §2), one of those that the client may have one for. */
  resource: OAuthParameter.optional(),
  /** The same by the name that RFC 8693 §2.1 gives it. */
  audience: OAuthParameter.optional(),
  /** The user's access token that a client was called with, for an exchange. */
  subject_token: TokenParameter.optional(),
  subject_token_type: OAuthParameter.describe(`\`${ACCESS_TOKEN_TYPE_URI}\``).optional(),
  requested_token_type: OAuthParameter.describe(`\`${ACCESS_TOKEN_TYPE_URI}\``).optional(),
  /** Refused: the actor is the client that authenticates. */
  actor_token: OAuthParameter.optional(),
  actor_token_type: OAuthParameter.optional(),
  ...clientCredentials,
});
export type TokenForm = z.infer<typeof TokenForm>;

/** `POST /oauth/revoke` (RFC 7009 §2.1) and `POST /oauth/introspect` (RFC 7662 §2.1). */
export const PresentedTokenForm = oauthForm({
  token: TokenParameter,
  /** Only a hint: both kinds are looked at. */
  token_type_hint: OAuthParameter.optional(),
  ...clientCredentials,
});
export type PresentedTokenForm = z.infer<typeof PresentedTokenForm>;

/** RFC 7662 §2.2. Nothing but `active` is told of a token that is not. */
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
    /** These two for a user's token only; a client's own has no session. */
    username: z.string().optional(),
    sid: z.uuid().optional(),
    /** Who acts for the user (RFC 8693 §4.1), of an exchanged token. */
    act: ActorClaim.optional(),
  }),
]);
export type IntrospectionReply = z.infer<typeof IntrospectionReply>;

/** A session's id in a path, in any case: look it up, and go on with the id that was found. */
export const PresentedSessionId = z.uuid();
/** A client's id in a path or in the configuration. */
export const ClientId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
/** `kid` in a path: an RFC 7638 thumbprint. */
export const KeyId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/**
 * One key of the issuer's ring and when it came into its state. `pending` is published ahead of its
 * use, `active` signs, `retiring` is published until the last token that it signed has expired.
 */
export const SigningKeyReply = z.object({
  keyId: z.string(),
  state: z.enum(['pending', 'active', 'retiring', 'retired', 'revoked']),
  since: z.iso.datetime(),
});
/** The whole key ring, newest state first. */
export const SigningKeyListReply = z.object({ keys: z.array(SigningKeyReply) });
export type SigningKeyListReply = z.infer<typeof SigningKeyListReply>;

/** The key that signs from now on. */
export const KeyRotationReply = z.object({ keyId: z.string() });
export type KeyRotationReply = z.infer<typeof KeyRotationReply>;

/** A scope in the configuration of a client: one `scope-token` (RFC 6749 §3.3). */
export const ScopeToken = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/);

/** RFC 6749 §5.2, with `invalid_target` of RFC 8707 §2 and RFC 8693 §2.2.2. */
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
