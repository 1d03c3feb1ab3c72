import type { Principal } from '@latchkey/verifier';

/** Beside the request rather than in it: nothing that a body or a plugin sets can pass for it. */
const principals = new WeakMap<object, Principal>();
const accessTokens = new WeakMap<object, string>();

export function rememberPrincipal(request: object, principal: Principal, token: string): void {
  principals.set(request, principal);
  accessTokens.set(request, token);
}

/** @throws Error when no guard verified this request */
export function principalOf(request: object): Principal {
  const principal = principals.get(request);
  if (!principal) throw new Error('@CurrentPrincipal() on a handler that no guard protects');
  return principal;
}

/**
 * The verified access token of this request, to pass on to another service in the user's name.
 *
 * @throws Error when no guard verified this request
 */
export function accessTokenOf(request: object): string {
  const token = accessTokens.get(request);
  if (token === undefined) throw new Error('@AccessToken() on a handler that no guard protects');
  return token;
}
