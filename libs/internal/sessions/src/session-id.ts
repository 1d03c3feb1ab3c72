declare const origin: unique symbol;

/**
 * The id of a session, spelled as it is stored. Text from a request is not assignable: a UUID can be
 * spelled in many ways, but keys, events and deny-lists compare ids byte by byte. Look the session up and
 * use the id that was found.
 */
export type SessionId = string & { readonly [origin]: 'session' };
