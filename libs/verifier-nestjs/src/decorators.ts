import type { Principal, WhenStale as WhenStaleChoice } from '@latchkey/verifier';
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
 * No access token is asked for on this handler or controller. `@Public(false)` takes a handler of a
 * public controller back; so does `@RequireScopes()` on the handler.
 */
export const Public = (isPublic = true) => SetMetadata(PUBLIC, isPublic);

/**
 * The token must carry every one of these scopes, else 403 `insufficient_scope`. On a handler it
 * replaces what its controller asks for.
 */
export const RequireScopes = (...scopes: [string, ...string[]]) =>
  SetMetadata(REQUIRED_SCOPES, scopes);

/** What to do on this handler or controller when the deny-list is stale, instead of the module's choice. */
export const WhenStale = (choice: WhenStaleChoice) => SetMetadata(WHEN_STALE, choice);

/**
 * Injects the verified {@link Principal} into a handler's parameter.
 *
 * @throws Error on a handler that no access token guard protects
 */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => principalOf(requestOf(context)),
);

/** Injects the verified access token itself, to call another service in the user's name. */
export const AccessToken = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  accessTokenOf(requestOf(context)),
);

/**
 * Injects the headers by which another service sees the same caller, whatever this one was recognised
 * by: to call it in the user's name. As secret as what they hold.
 */
export const Credentials = createParamDecorator(
  (_: unknown, context: ExecutionContext): CallerCredentials => credentialsOf(requestOf(context)),
);
