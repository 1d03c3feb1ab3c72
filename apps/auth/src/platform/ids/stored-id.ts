declare const kind: unique symbol;

/**
 * An id read from the database, or from a token that this service signed. Request text never becomes
 * one: look the row up and use the row's id. Postgres compares UUIDs by value, but everything else
 * compares ids as text.
 */
type StoredId<Kind extends string> = string & { readonly [kind]: Kind };

export type UserId = StoredId<'user'>;
export type ClientId = StoredId<'client'>;
/** `jti`. */
export type TokenId = StoredId<'token'>;
/** `kid`. */
export type SigningKeyId = StoredId<'signing key'>;
export type { SessionId } from '@latchkey/sessions';
