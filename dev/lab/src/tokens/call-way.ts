import { z } from 'zod';

/**
 * How services act for a user when they call each other.
 *
 * - `relay`: they pass the user's own token on.
 * - `exchange`: they exchange it for a token for each called service.
 * - `transaction`: they begin a transaction, and pass its token on.
 */
export const callWaySchema = z.enum(['relay', 'exchange', 'transaction']);
export type CallWay = z.infer<typeof callWaySchema>;

export const CALL_WAYS = callWaySchema.options;

/** A service that orders calls, where a token can be stolen. */
export const hopSchema = z.enum(['inventory', 'payments']);
export type Hop = z.infer<typeof hopSchema>;

export const HOPS = hopSchema.options;
