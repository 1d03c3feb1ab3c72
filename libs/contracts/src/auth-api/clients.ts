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
