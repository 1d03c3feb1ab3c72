declare const origin: unique symbol;

/**
 * A session's id as the store or the record that keeps the session spells it. Text from a request
 * is not assignable to it: the same UUID can be written in many ways, and keys, events and
 * deny-lists compare letter by letter. Look the session up and use the id that was found.
 */
export type SessionId = string & { readonly [origin]: 'session' };
