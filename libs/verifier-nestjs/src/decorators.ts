import type { Principal, WhenStale as WhenStaleChoice } from '@latchkey/verifier';
import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { accessTokenOf, principalOf } from './request-principal.js';

export const PUBLIC = 'LATCHKEY:PUBLIC';
export const REQUIRED_SCOPES = 'LATCHKEY:REQUIRED_SCOPES';
export const WHEN_STALE = 'LATCHKEY:WHEN_STALE';

/** No access token is asked for on this handler or controller. */
export const Public = () => SetMetadata(PUBLIC, true);

/** The token must carry every one of these scopes, else 403 `insufficient_scope`. */
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
  (_: unknown, context: ExecutionContext): Principal =>
    principalOf(context.switchToHttp().getRequest()),
);

/** Injects the verified access token itself, to call another service in the user's name. */
export const AccessToken = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  accessTokenOf(context.switchToHttp().getRequest()),
);
