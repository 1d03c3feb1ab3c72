/** The request header with the secret of the control server, which is new at each start of `npm start`. */
export const CONTROL_KEY_HEADER = 'latchkey-control-key';

/** The longest time for which a part can be broken. */
export const LONGEST_FAULT_SECONDS = 300;

/** How long a part stays broken unless the request says otherwise. */
export const DEFAULT_FAULT_SECONDS = 20;

/** A part of the local stack that can be broken: a server, `auth`, or the connection of one replica to NATS. */
export interface StackPart {
  /** `auth`, `nats`, `postgres`, `redis`, or `nats:` and the name of a replica. */
  readonly part: string;
  /** What breaking it does, in words, such as `stop auth`. */
  readonly does: string;
  readonly state: 'working' | 'breaking' | 'broken' | 'healing';
  /** When it heals by itself, in milliseconds since 1970; null unless it is broken. */
  readonly healsAtMilliseconds: number | null;
  /** Why it could not be broken or healed yet; it is tried again. Null if nothing failed. */
  readonly problem: string | null;
}

/** A replica of a service of the local stack. Its live events are at {@link LIVE_EVENTS_PATH} below its URL. */
export interface StackReplica {
  /** Such as `orders-1`. */
  readonly name: string;
  /** Such as `orders`, or `auth`. */
  readonly service: string;
  readonly url: string;
  readonly running: boolean;
  /** The path of a protected route that every user may read; null for auth. */
  readonly sampleRoute: string | null;
  /** What its routes do while its deny-list is stale; null for auth. */
  readonly whenStale: 'accept' | 'refuse' | 'ask' | null;
}

/** An account of the demo. It exists only on this machine. */
export interface StackUser {
  readonly username: string;
  readonly password: string;
  readonly isAdministrator: boolean;
}

/** A call of one service to another for a user, and what its token is good for. The token itself is not shown. */
export interface StackHop {
  readonly from: string;
  readonly to: string;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  /** The service that acts for the user (RFC 8693 §4.1). */
  readonly actor: string;
}

/** The answer to `GET /stack` of the control server. */
export interface StackReport {
  readonly issuer: string;
  readonly parts: readonly StackPart[];
  readonly replicas: readonly StackReplica[];
  readonly users: readonly StackUser[];
  /** Why nothing can be broken at the moment; null if it can. */
  readonly busy: string | null;
  /** The newest page of the lab, which needs no secret; null if there is none. */
  readonly labReport: { readonly url: string; readonly writtenAtMilliseconds: number } | null;
}
