import type { Principal, Transaction, WhenStale as WhenStaleChoice } from '@latchkey/verifier';
import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { requestOf } from './handler-context.js';
import {
  accessTokenOf,
  credentialsOf,
  principalOf,
  type CallerCredentials,
} from './request-principal.js';

/** Metadata key of {@link Public}. */
export const PUBLIC = 'LATCHKEY:PUBLIC';
/** Metadata key of {@link RequireScopes}. */
export const REQUIRED_SCOPES = 'LATCHKEY:REQUIRED_SCOPES';
/** Metadata key of {@link WhenStale}. */
export const WHEN_STALE = 'LATCHKEY:WHEN_STALE';

/**
 * Makes a handler or controller accessible without an access token.
 *
 * On a handler of a public controller, `@Public(false)`, `@RequireScopes()`, `@RequireActor()` or
 * `@RequireClient()` requires a token again.
 */
export const Public = (isPublic = true) => SetMetadata(PUBLIC, isPublic);

/**
 * Requires every one of these scopes; a token that lacks one gets 403 `insufficient_scope`.
 *
 * On a handler, replaces the scopes of its controller; they are not added together.
 */
export const RequireScopes = (...scopes: [string, ...string[]]) =>
  SetMetadata(REQUIRED_SCOPES, scopes);

/**
 * Sets what a handler or controller does while the deny-list is stale: `accept` tokens, `refuse` them
 * with 503, or `ask` the issuer. Overrides the `whenStale` option of the module, and requires `feed`. `ask`
 * requires `introspection` as well. Without them, the application does not start.
 */
export const WhenStale = (choice: WhenStaleChoice) => SetMetadata(WHEN_STALE, choice);

/**
 * Injects the verified {@link Principal} of the request into a parameter.
 *
 * @throws Error if the handler is not protected by a guard
 */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => principalOf(requestOf(context)),
);

/**
 * Injects the {@link Transaction} that the request is part of; undefined if it came without a transaction
 * token. The principal is then the subject of the transaction, and its `actor` the calling service.
 *
 * @throws Error if the handler is not protected by a guard
 */
export const CurrentTransaction = createParamDecorator(
  (_: unknown, context: ExecutionContext): Transaction | undefined =>
    principalOf(requestOf(context)).transaction,
);

/**
 * Injects the verified access token, to call another service on behalf of the user. It is secret: do not
 * log it.
 *
 * @throws Error if the handler is not protected by a guard, or if another credential was verified
 */
export const AccessToken = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  accessTokenOf(requestOf(context)),
);

/**
 * Injects the headers that authenticate the caller to another service, whichever kind of credential was
 * verified. They are secret: do not log them. For a transaction, this is the `Txn-Token` alone; add an
 * access token of your own service in `Authorization`.
 *
 * @throws Error if the handler is not protected by a guard
 */
export const Credentials = createParamDecorator(
  (_: unknown, context: ExecutionContext): CallerCredentials => credentialsOf(requestOf(context)),
);
