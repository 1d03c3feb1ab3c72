import type { Principal } from '@latchkey/verifier';
import { SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { callerNotAllowed } from './access-token.exception.js';

/** Metadata key of {@link RequireActor}. */
export const REQUIRED_ACTORS = 'LATCHKEY:REQUIRED_ACTORS';
/** Metadata key of {@link RequireClient}. */
export const REQUIRED_CLIENTS = 'LATCHKEY:REQUIRED_CLIENTS';

/** Which services may call a route. A caller that matches either list may. */
export interface RouteCallers {
  /** The services that may act for a user. */
  readonly actors: readonly string[];
  /** The clients that may call with tokens of their own: `any`, or these. */
  readonly clients: readonly string[] | 'any';
}

type Target = ReturnType<ExecutionContext['getHandler'] | ExecutionContext['getClass']>;

/**
 * Requires a token that one of these services obtained to act for a user: the outermost `act.sub`. The
 * actors nested in it are a history, and never count (RFC 8693 §4.1). Any other token gets 403
 * `caller_not_allowed`, and so does a session cookie, which has no actor.
 *
 * Within a transaction, the actor is the caller, and it must also have asked for the transaction token itself
 * (`req_wl`): a service that only passes on a token of somebody else replaces it first.
 *
 * Together with {@link RequireClient} on the same handler, either is enough. On a handler, the two replace
 * both of its controller.
 *
 * @throws TypeError if a name is missing, empty or not a name
 */
export const RequireActor = (...actors: [string, ...string[]]) => {
  if (actors.length === 0) throw new TypeError('@RequireActor() needs the name of an actor');
  return SetMetadata(REQUIRED_ACTORS, namesOf('@RequireActor()', actors));
};

/**
 * Requires a client's own token, which has no user: no `sid`, no `act`, and `sub` is `client_id`. The
 * client must be one of these, or any if there is no name. Any other token gets 403 `caller_not_allowed`.
 *
 * Together with {@link RequireActor} on the same handler, either is enough. On a handler, the two replace
 * both of its controller.
 *
 * @throws TypeError if a name is empty or not a name
 */
export const RequireClient = (...clients: readonly string[]) =>
  SetMetadata(
    REQUIRED_CLIENTS,
    clients.length === 0 ? 'any' : namesOf('@RequireClient()', clients),
  );

/** Reads the callers of a route; undefined if all may call it. */
export function readCallers(
  reflector: Reflector,
  handler: Target,
  controller: Target,
): RouteCallers | undefined {
  return callersOn(reflector, handler) ?? callersOn(reflector, controller);
}

/**
 * Checks that the party that sent a token may call a route.
 *
 * @throws AccessTokenException 403 `caller_not_allowed`
 */
export function checkCaller(callers: RouteCallers | undefined, principal: Principal): void {
  if (!callers) return;
  const allowed = isClientsOwn(principal)
    ? callers.clients === 'any' || callers.clients.includes(principal.subject)
    : actsAsOneOf(callers.actors, principal);
  if (!allowed) throw callerNotAllowed(describe(callers));
}

function actsAsOneOf(actors: readonly string[], { actor, transaction }: Principal): boolean {
  if (actor === undefined || !actors.includes(actor.sub)) return false;
  return transaction === undefined || transaction.requestingWorkloads.includes(actor.sub);
}

function callersOn(reflector: Reflector, target: Target): RouteCallers | undefined {
  const actors = reflector.get<RouteCallers['actors'] | undefined>(REQUIRED_ACTORS, target);
  const clients = reflector.get<RouteCallers['clients'] | undefined>(REQUIRED_CLIENTS, target);
  return actors || clients ? { actors: actors ?? [], clients: clients ?? [] } : undefined;
}

/** Whether this is the principal of a client's own token, which has no user (RFC 9068 §2.2). */
export function isClientsOwn({ actor, sessionId, subject, clientId }: Principal): boolean {
  return actor === undefined && sessionId === undefined && subject === clientId;
}

/** The characters that the challenge can quote (RFC 6749 §5.2), without spaces. */
const NAME = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** A name from an unset variable would otherwise match nothing, or be part of a header. */
function namesOf(decorator: string, names: readonly string[]): readonly string[] {
  for (const name of names as readonly unknown[])
    if (typeof name !== 'string' || !NAME.test(name))
      throw new TypeError(`${decorator} takes names of visible ASCII characters except " and \\`);
  return names;
}

function describe({ actors, clients }: RouteCallers): string {
  const ways: string[] = [];
  if (actors.length > 0) ways.push(`one with which ${anyOf(actors)} acts for a user`);
  if (clients === 'any') ways.push("a client's own");
  else if (clients.length > 0) ways.push(`the own token of ${anyOf(clients)}`);
  return `The token must be ${anyOf(ways)}`;
}

const anyOf = (names: readonly string[]) => names.join(' or ');
