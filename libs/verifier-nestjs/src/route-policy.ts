import type { Principal, VerifyOptions, WhenStale } from '@latchkey/verifier';
import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { insufficientScope } from './access-token.exception.js';
import { PUBLIC, REQUIRED_SCOPES, WHEN_STALE } from './decorators.js';

/** What a route asks for, by its decorators: the handler's own before its controller's. */
export class RoutePolicy {
  readonly #targets;

  constructor(
    private readonly reflector: Reflector,
    context: ExecutionContext,
  ) {
    // A GraphQL resolver, a gateway or a message handler has no Authorization header to look at.
    if (context.getType() !== 'http') {
      throw new Error(
        `the access token guard protects HTTP handlers, not "${context.getType<string>()}": ` +
          'verify the token there with Verifier.verify()',
      );
    }
    this.#targets = [context.getHandler(), context.getClass()] as const;
  }

  get isPublic(): boolean {
    return this.#read<boolean>(PUBLIC) ?? false;
  }

  get verifyOptions(): VerifyOptions {
    const whenStale = this.#read<WhenStale>(WHEN_STALE);
    return whenStale === undefined ? {} : { whenStale };
  }

  /** @throws AccessTokenException 403 */
  checkScopes({ scopes }: Principal): void {
    const required = this.#read<string[]>(REQUIRED_SCOPES) ?? [];
    if (!required.every((scope) => scopes.has(scope))) throw insufficientScope(required);
  }

  #read<Value>(key: string): Value | undefined {
    return this.reflector.getAllAndOverride<Value | undefined>(key, [...this.#targets]);
  }
}
