import type { Principal, VerifyOptions, WhenStale } from '@latchkey/verifier';
import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { insufficientScope } from './access-token.exception.js';
import { PUBLIC, REQUIRED_SCOPES, WHEN_STALE } from './decorators.js';
import {
  checkCaller,
  readCallers,
  REQUIRED_ACTORS,
  REQUIRED_CLIENTS,
  type RouteCallers,
} from './route-callers.js';

/** The decorators of a route, read and merged. */
export interface RoutePolicy {
  readonly isPublic: boolean;
  readonly requiredScopes: readonly string[];
  /** Which services may call the route; undefined if all callers may. */
  readonly callers: RouteCallers | undefined;
  readonly verifyOptions: VerifyOptions;
}

type Class = ReturnType<ExecutionContext['getClass']>;
type Handler = ReturnType<ExecutionContext['getHandler']>;

/** Caches policies, because metadata is slow to read. Keyed by class too: a handler can be inherited. */
const policies = new WeakMap<Handler, WeakMap<Class, RoutePolicy>>();

/** Reads the policy of a route. Each decorator of a handler replaces the same one of its controller. */
export function routePolicyOf(reflector: Reflector, context: ExecutionContext): RoutePolicy {
  const handler = context.getHandler();
  const controller = context.getClass();
  let byController = policies.get(handler);
  if (!byController) policies.set(handler, (byController = new WeakMap()));
  let policy = byController.get(controller);
  if (!policy) byController.set(controller, (policy = readPolicy(reflector, handler, controller)));
  return policy;
}

/**
 * Checks that a principal is one of the callers of the route, and has every scope that it requires.
 *
 * @throws AccessTokenException 403 `caller_not_allowed`, `insufficient_scope`
 */
export function authorize({ callers, requiredScopes }: RoutePolicy, principal: Principal): void {
  checkCaller(callers, principal);
  for (const scope of requiredScopes) {
    if (!principal.scopes.has(scope)) throw insufficientScope(requiredScopes);
  }
}

/**
 * Reads the decorators of a route.
 *
 * @throws TypeError if they contradict each other
 */
export function readPolicy(reflector: Reflector, handler: Handler, controller: Class): RoutePolicy {
  const read = <Value>(key: string) =>
    reflector.getAllAndOverride<Value | undefined>(key, [handler, controller]);
  const whenStale = read<WhenStale>(WHEN_STALE);
  return {
    isPublic:
      isPublic(reflector, handler, `${controller.name}.${handler.name}`) ??
      isPublic(reflector, controller, controller.name) ??
      false,
    requiredScopes: read<readonly string[]>(REQUIRED_SCOPES) ?? [],
    callers: readCallers(reflector, handler, controller),
    verifyOptions: whenStale === undefined ? {} : { whenStale },
  };
}

/** Decorators that imply a token, by their metadata key. */
const REQUIREMENTS = {
  [REQUIRED_SCOPES]: '@RequireScopes()',
  [REQUIRED_ACTORS]: '@RequireActor()',
  [REQUIRED_CLIENTS]: '@RequireClient()',
};

/**
 * Reads `@Public()` of a handler or controller. A requirement implies that a token is required, so that a
 * public controller does not disable it on a handler.
 */
function isPublic(
  reflector: Reflector,
  target: Handler | Class,
  name: string,
): boolean | undefined {
  const declared = reflector.get<boolean | undefined>(PUBLIC, target);
  const requirement = Object.entries(REQUIREMENTS).find(
    ([key]) => reflector.get<unknown>(key, target) !== undefined,
  );
  if (!requirement) return declared;
  if (declared === true)
    throw new TypeError(`${name} has both @Public() and ${requirement[1]}: remove one of them`);
  return false;
}
