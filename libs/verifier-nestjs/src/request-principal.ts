import type { Principal } from '@latchkey/verifier';

interface Verified {
  readonly principal: Principal;
  readonly token: string;
}

/** Beside the request rather than in it: nothing that a body or a plugin sets can pass for it. */
const verified = new WeakMap<object, Verified>();

export function rememberPrincipal(request: object, principal: Principal, token: string): void {
  verified.set(request, { principal, token });
}

/** @throws Error when no guard verified this request */
export function principalOf(request: object): Principal {
  const found = verified.get(request);
  if (!found) throw new Error('@CurrentPrincipal() on a handler that no guard protects');
  return found.principal;
}

/**
 * The verified access token of this request, to pass on to another service in the user's name.
 *
 * @throws Error when no guard verified this request
 */
export function accessTokenOf(request: object): string {
  const found = verified.get(request);
  if (!found) throw new Error('@AccessToken() on a handler that no guard protects');
  return found.token;
}
