import type { Principal } from '@latchkey/verifier';

/** Its constructor gives back what it is given: a class that extends this adds its fields to that. */
class Existing {
  constructor(object: object) {
    return object;
  }
}

/**
 * Private fields on the request itself: nothing that a body or a plugin sets can pass for them, and
 * whatever copies or logs a request does not see them. So would a `WeakMap` do, but its entries for
 * short-lived keys cost the garbage collector more time per request than the whole verification.
 */
class Verified extends Existing {
  #principal: Principal;
  #token: string;

  private constructor(request: object, principal: Principal, token: string) {
    super(request);
    this.#principal = principal;
    this.#token = token;
  }

  static set(request: object, principal: Principal, token: string): void {
    if (!(#principal in request)) {
      new Verified(request, principal, token);
      return;
    }
    request.#principal = principal;
    request.#token = token;
  }

  static principalOf(request: object): Principal | undefined {
    return #principal in request ? request.#principal : undefined;
  }

  static tokenOf(request: object): string | undefined {
    return #principal in request ? request.#token : undefined;
  }
}

/** For the handlers of this request. Several guards may say so in turn; the last one counts. */
export function rememberPrincipal(request: object, principal: Principal, token: string): void {
  Verified.set(request, principal, token);
}

/** @throws Error when no guard verified this request */
export function principalOf(request: object): Principal {
  const principal = Verified.principalOf(request);
  if (!principal) throw new Error('@CurrentPrincipal() on a handler that no guard protects');
  return principal;
}

/**
 * The verified access token of this request, to pass on to another service in the user's name.
 *
 * @throws Error when no guard verified this request
 */
export function accessTokenOf(request: object): string {
  const token = Verified.tokenOf(request);
  if (token === undefined) throw new Error('@AccessToken() on a handler that no guard protects');
  return token;
}
