declare const kind: unique symbol;

/**
 * An id as its row spells it, or as a token does that this service signed. No function makes one
 * from text: what a path, a body or a query names is looked up, and the row's own id is used from
 * then on. Postgres compares a uuid by value, everything else letter by letter.
 */
type StoredId<Kind extends string> = string & { readonly [kind]: Kind };

export type UserId = StoredId<'user'>;
export type ClientId = StoredId<'client'>;
/** `jti`. */
export type TokenId = StoredId<'token'>;
/** `kid`. */
export type SigningKeyId = StoredId<'signing key'>;
export type { SessionId } from '@latchkey/sessions';
