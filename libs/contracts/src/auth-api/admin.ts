import { z } from 'zod';

/** A client id, in a path or in the configuration. */
export const ClientId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
/** A `kid` in a path: an RFC 7638 thumbprint. */
export const KeyId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
/** A scope in a client's configuration: one `scope-token` (RFC 6749 §3.3). */
export const ScopeToken = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/);

/** The name of a role of users, in lower case. */
export const RoleName = z
  .string()
  .toLowerCase()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, - and _');

/**
 * A signing key, and since when it has been in its state. A `pending` key is published before it is
 * used, an `active` key signs, and a `retiring` key is published until its last token has expired.
 */
export const SigningKeyReply = z.object({
  keyId: z.string(),
  state: z.enum(['pending', 'active', 'retiring', 'retired', 'revoked']),
  since: z.iso.datetime(),
});
/** All signing keys; the key that changed its state last comes first. */
export const SigningKeyListReply = z.object({ keys: z.array(SigningKeyReply) });
export type SigningKeyListReply = z.infer<typeof SigningKeyListReply>;

/** The new active signing key. */
export const KeyRotationReply = z.object({ keyId: z.string() });
export type KeyRotationReply = z.infer<typeof KeyRotationReply>;
