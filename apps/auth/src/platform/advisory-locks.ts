/**
 * The first halves of the keys of advisory locks. `@latchkey/service-kit` has one in the same database as well,
 * `HOUSEKEEPING_LOCKS`.
 *
 * These numbers must stay as they are: during a deployment, replicas of the previous release lock by them too.
 */

/** Clients, against their revocation. The second half is derived from the client's id. */
export const CLIENT_LOCKS = 52_824;

/** Origins of exchanged tokens, against their revocation. The second half is derived from the origin. */
export const ORIGIN_LOCKS = 52_825;

/** All administrators, of whom one must stay enabled. The second half is 0. */
export const ADMINISTRATORS_LOCK = 52_826;
