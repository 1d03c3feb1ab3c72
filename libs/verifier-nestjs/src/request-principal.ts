import type { Principal } from '@latchkey/verifier';

/** Headers that authenticate the caller to another service. */
export type CallerCredentials = Readonly<Record<string, string>>;

/** An access token, or the headers that authenticate the caller, as another kind of guard verified them. */
export type Credential = string | CallerCredentials;

const UNGUARDED = 'on a handler that is @Public() or that no guard protects';

/** Returns its argument from the constructor, so that a subclass adds its private fields to that object. */
class Existing {
  constructor(object: object) {
    return object;
  }
}

/**
 * Private fields on the request itself. A body or a plugin cannot forge them, and code that copies or logs
 * a request does not see them. A `WeakMap` would do the same, but its entries for short-lived keys cost
 * the garbage collector more time per request than the whole verification.
 */
class Verified extends Existing {
  #principal: Principal;
  #credential: Credential;

  private constructor(request: object, principal: Principal, credential: Credential) {
    super(request);
    this.#principal = principal;
    this.#credential = credential;
  }

  static set(request: object, principal: Principal, credential: Credential): void {
    if (!(#principal in request)) {
      new Verified(request, principal, credential);
      return;
    }
    request.#principal = principal;
    request.#credential = credential;
  }

  static principalOf(request: object): Principal | undefined {
    return #principal in request ? request.#principal : undefined;
  }

  static credentialOf(request: object): Credential | undefined {
    return #principal in request ? request.#credential : undefined;
  }
}

/** Sets the principal that handlers of this request receive. The last of several guards wins. */
export function setPrincipal(request: object, principal: Principal, credential: Credential): void {
  Verified.set(request, principal, credential);
}

/**
 * Returns the verified principal of a request.
 *
 * @throws Error if no guard verified the request
 */
export function principalOf(request: object): Principal {
  const principal = Verified.principalOf(request);
  if (!principal) throw new Error(`@CurrentPrincipal() is used ${UNGUARDED}`);
  return principal;
}

/**
 * Returns the verified access token of a request.
 *
 * @throws Error if no guard verified the request, or if it was not verified by an access token
 */
export function accessTokenOf(request: object): string {
  const credential = Verified.credentialOf(request);
  if (typeof credential === 'string') return credential;
  throw new Error(
    credential === undefined
      ? `@AccessToken() is used ${UNGUARDED}`
      : '@AccessToken() is used, but the caller did not send an access token: use @Credentials()',
  );
}

/**
 * Returns the headers with which to call another service on behalf of the caller.
 *
 * @throws Error if no guard verified the request
 */
export function credentialsOf(request: object): CallerCredentials {
  const credential = Verified.credentialOf(request);
  if (credential === undefined) throw new Error(`@Credentials() is used ${UNGUARDED}`);
  return typeof credential === 'string' ? { authorization: `Bearer ${credential}` } : credential;
}
