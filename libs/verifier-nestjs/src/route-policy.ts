import type { Principal, VerifyOptions, WhenStale } from '@latchkey/verifier';
import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { insufficientScope } from './access-token.exception.js';
import { PUBLIC, REQUIRED_SCOPES, WHEN_STALE } from './decorators.js';

/** What a route asks for, by its decorators. */
export interface RoutePolicy {
  readonly isPublic: boolean;
  readonly requiredScopes: readonly string[];
  readonly verifyOptions: VerifyOptions;
}

type Class = ReturnType<ExecutionContext['getClass']>;
type Handler = ReturnType<ExecutionContext['getHandler']>;

/** Decorators never change, and are slow to read. By class as well: a method can be inherited. */
const policies = new WeakMap<Handler, WeakMap<Class, RoutePolicy>>();

/** A handler's own decorators replace those of its controller, each for itself. */
export function routePolicyOf(reflector: Reflector, context: ExecutionContext): RoutePolicy {
  const handler = context.getHandler();
  const controller = context.getClass();
  let ofHandler = policies.get(handler);
  if (!ofHandler) policies.set(handler, (ofHandler = new WeakMap()));
  let policy = ofHandler.get(controller);
  if (!policy) ofHandler.set(controller, (policy = readPolicy(reflector, handler, controller)));
  return policy;
}

/**
 * Whether a principal has every scope that the route asks for.
 *
 * @throws AccessTokenException 403
 */
export function checkScopes({ requiredScopes }: RoutePolicy, { scopes }: Principal): void {
  for (const scope of requiredScopes) {
    if (!scopes.has(scope)) throw insufficientScope(requiredScopes);
  }
}

function readPolicy(reflector: Reflector, handler: Handler, controller: Class): RoutePolicy {
  const read = <Value>(key: string) =>
    reflector.getAllAndOverride<Value | undefined>(key, [handler, controller]);
  const whenStale = read<WhenStale>(WHEN_STALE);
  return {
    isPublic: isPublic(reflector, handler) ?? isPublic(reflector, controller) ?? false,
    requiredScopes: read<readonly string[]>(REQUIRED_SCOPES) ?? [],
    verifyOptions: whenStale === undefined ? {} : { whenStale },
  };
}

/**
 * What a handler or a controller itself says. One that asks for scopes asks for a token: a public
 * controller must not make a handler's `@RequireScopes()` void.
 */
function isPublic(reflector: Reflector, target: Handler | Class): boolean | undefined {
  const said = reflector.get<boolean | undefined>(PUBLIC, target);
  if (reflector.get<unknown>(REQUIRED_SCOPES, target) === undefined) return said;
  if (said === true)
    throw new Error(`${target.name}: @Public() and @RequireScopes() exclude each other`);
  return false;
}
