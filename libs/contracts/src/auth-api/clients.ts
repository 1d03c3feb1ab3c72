import { z } from 'zod';
import { ScopeToken } from './admin.js';

/** `client_assertion_type` of `private_key_jwt` (RFC 7523 §2.2). */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The algorithms that may sign a client assertion, by the type of key. `EdDSA` is Ed25519 here. */
export const CLIENT_ASSERTION_ALGORITHMS = {
  RSA: ['RS256', 'PS256'],
  EC: ['ES256'],
  OKP: ['EdDSA', 'Ed25519'],
} as const;

/** An assertion must expire within this time, so that its `jti` need not be remembered for longer. */
export const MAX_CLIENT_ASSERTION_SECONDS = 300;

/** Scopes of a client. The scopes of the auth service are for users, because only they may administer it. */
export const ClientScopes = z
  .array(ScopeToken.refine((scope) => !scope.startsWith('auth:'), 'is for users only'))
  .max(100);

const Audience = z.string().min(1);

/**
 * The services for which a client may exchange a user's token: their names alone, for all scopes that
 * each knows, or with the scopes that the client may ask for; null stands for all of them.
 */
export const ExchangeTargets = z.union([
  z.array(Audience).max(100),
  z.record(Audience, ClientScopes.min(1).nullable()),
]);
export type ExchangeTargets = z.infer<typeof ExchangeTargets>;

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const KeyMember = z.string().max(2_048).optional();

/** A client's public key as a JWK (RFC 7517): RSA, EC with P-256, or OKP with Ed25519. */
export const ClientJwk = z
  .looseObject({
    kty: z.enum(['RSA', 'EC', 'OKP'], 'must be RSA, EC or OKP'),
    /** Default: the key's thumbprint (RFC 7638). */
    kid: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, 'must be at most 128 printable characters')
      .optional(),
    /** The only algorithm that the key may be used with. Default: any that suits its type. */
    alg: z
      .enum(Object.values(CLIENT_ASSERTION_ALGORITHMS).flat(), 'is not a supported algorithm')
      .optional(),
    use: z.literal('sig', 'must be sig').optional(),
    key_ops: z
      .array(z.string())
      .refine((operations) => operations.includes('verify'), 'must contain verify')
      .optional(),
    ...{ crv: KeyMember, x: KeyMember, y: KeyMember, n: KeyMember, e: KeyMember },
  })
  .refine(
    (jwk) => !PRIVATE_MEMBERS.some((member) => member in jwk),
    'has private members: list the public key',
  );
export type ClientJwk = z.infer<typeof ClientJwk>;

/** The public keys of a client (RFC 7517 §5). */
export const ClientJwks = z.object({ keys: z.array(ClientJwk).min(1).max(10) });

const NAMES_THE_AUTH_SERVICE = /^auth([._-]|$)/i;

/** The id of a client that an administrator adds. It is safe in a path, and names neither a user nor auth. */
export const NewClientId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits and . _ -')
  // RFC 9700 §4.15: `sub` is the client's id in its own tokens, and must not look like a user's UUID.
  .refine((id) => !z.guid().safeParse(id).success, 'must not be a UUID')
  .refine((id) => !NAMES_THE_AUTH_SERVICE.test(id), 'must not name the auth service');

/** The most credentials that a client may have at once: one to use, and the one that replaces it. */
export const MAX_CLIENT_CREDENTIALS = 2;

/** `POST /admin/clients`. Without `jwks`, the client gets a secret. */
export const NewClientRequest = z.strictObject({
  clientId: NewClientId,
  scopes: ClientScopes.default([]),
  exchange: ExchangeTargets.default([]),
  jwks: z.object({ keys: z.array(ClientJwk).min(1).max(MAX_CLIENT_CREDENTIALS) }).optional(),
});
export type NewClientRequest = z.infer<typeof NewClientRequest>;

/** `PATCH /admin/clients/:clientId`. A member that is left out stays as it is. */
export const ClientChangeRequest = z
  .strictObject({ scopes: ClientScopes.optional(), exchange: ExchangeTargets.optional() })
  .refine((change) => Object.keys(change).length > 0, 'must have scopes, exchange or both');
export type ClientChangeRequest = z.infer<typeof ClientChangeRequest>;

/** `POST /admin/clients/:clientId/credentials`. Without `jwk`, the client gets another secret. */
export const NewCredentialRequest = z.strictObject({ jwk: ClientJwk.optional() });
export type NewCredentialRequest = z.infer<typeof NewCredentialRequest>;

/** The id of a credential in a path, in upper or lower case. */
export const PresentedCredentialId = z.uuid();

/** A credential of a client, without anything that could be used in its place. */
export const ClientCredentialReply = z.object({
  kind: z.enum(['secret', 'key']),
  /** Absent for a client of the configuration. */
  id: z.uuid().optional(),
  createdAt: z.iso.datetime().optional(),
  /** The `kid` of a key, and its thumbprint (RFC 7638). */
  keyId: z.string().optional(),
  thumbprint: z.string().optional(),
});
export type ClientCredentialReply = z.infer<typeof ClientCredentialReply>;

/** A client with its valid credentials, the oldest first. */
export const ClientReply = z.object({
  clientId: z.string(),
  /** Where the client is defined. Only managed clients can be changed by an administrator. */
  source: z.enum(['configuration', 'managed']),
  scopes: z.array(z.string()),
  /** Scopes by service; null for all scopes that the service knows. */
  exchange: z.record(z.string(), z.array(z.string()).nullable()),
  credentials: z.array(ClientCredentialReply),
  createdAt: z.iso.datetime().optional(),
});
export type ClientReply = z.infer<typeof ClientReply>;

/** `GET /admin/clients`, by id. */
export const ClientListReply = z.object({ clients: z.array(ClientReply) });
export type ClientListReply = z.infer<typeof ClientListReply>;

/** A client that was added. The secret, if there is one, is shown only here. */
export const NewClientReply = ClientReply.extend({ clientSecret: z.string().optional() });
export type NewClientReply = z.infer<typeof NewClientReply>;
/** The response to a new credential. The secret, if there is one, is shown only here. */
export const NewCredentialReply = ClientCredentialReply.extend({
  id: z.uuid(),
  clientSecret: z.string().optional(),
});
export type NewCredentialReply = z.infer<typeof NewCredentialReply>;
