import type { WhenStale } from '@latchkey/verifier';
import type { ModulesContainer, Reflector } from '@nestjs/core';
import { MetadataScanner } from '@nestjs/core';
import { readPolicy } from './route-policy.js';

type Module = ModulesContainer extends Map<string, infer Value> ? Value : never;
type Class = new (...parameters: never[]) => object;

/** Returns the option that `@WhenStale(choice)` requires and the module lacks; undefined if none. */
export type MissingOption = (choice: WhenStale) => string | undefined;

/**
 * Checks the decorators of all routes that this module's guard can protect, because a mistake would
 * otherwise answer 500 to every request.
 *
 * @param own the module of the verifier
 * @throws TypeError that names the route
 */
export function checkRoutes(
  modules: ModulesContainer,
  own: object,
  reflector: Reflector,
  missingOption: MissingOption,
): void {
  const scanner = new MetadataScanner();
  for (const declaring of modulesGuardedBy(own, modules)) {
    for (const { metatype } of [...declaring.controllers.values(), ...declaring.providers.values()])
      if (isClass(metatype)) checkClass(metatype, scanner, reflector, missingOption);
  }
}

/** A module that imports a verifier of its own does not use the global one. */
function modulesGuardedBy(own: object, modules: ModulesContainer): readonly Module[] {
  const all = [...modules.values()];
  const ofVerifiers = all.filter(({ metatype }) => metatype === own.constructor);
  const mine = ofVerifiers.find(({ instance }) => instance === own);
  if (!mine) return [];
  const others = ofVerifiers.filter((other) => other !== mine);
  return all.filter(
    ({ imports }) =>
      imports.has(mine) && !(mine.isGlobal && others.some((other) => imports.has(other))),
  );
}

function checkClass(
  declared: Class,
  scanner: MetadataScanner,
  reflector: Reflector,
  missingOption: MissingOption,
): void {
  const prototype = declared.prototype as Record<string, unknown>;
  for (const name of scanner.getAllMethodNames(prototype)) {
    const policy = readPolicy(reflector, prototype[name] as () => unknown, declared);
    const { whenStale } = policy.verifyOptions;
    if (whenStale === undefined) continue;
    const missing = missingOption(whenStale);
    if (missing !== undefined)
      throw new TypeError(
        `${declared.name}.${name} is decorated with @WhenStale('${whenStale}'), which requires the option ${missing}`,
      );
  }
}

/** A factory has no prototype, or one without methods. */
function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object';
}
