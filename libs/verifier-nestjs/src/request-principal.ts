import type { Principal } from '@latchkey/verifier';

/** The headers by which another service sees the same caller. */
export type CallerCredentials = Readonly<Record<string, string>>;

/** An access token, or what another kind of guard recognised the caller by. */
export type Credential = string | CallerCredentials;

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

/** For the handlers of this request. Several guards may say so in turn; the last one counts. */
export function setPrincipal(request: object, principal: Principal, credential: Credential): void {
  Verified.set(request, principal, credential);
}

/**
 * Whom this request speaks for.
 *
 * @throws Error when no guard verified this request
 */
export function principalOf(request: object): Principal {
  const principal = Verified.principalOf(request);
  if (!principal) throw new Error('@CurrentPrincipal() on a handler that no guard protects');
  return principal;
}

/**
 * The verified access token of this request, to pass on to another service in the user's name.
 *
 * @throws Error when no guard verified this request, or not by an access token
 */
export function accessTokenOf(request: object): string {
  const credential = Verified.credentialOf(request);
  if (typeof credential === 'string') return credential;
  throw new Error(
    credential === undefined
      ? '@AccessToken() on a handler that no guard protects'
      : '@AccessToken() where the caller has none: take @Credentials()',
  );
}

/**
 * What to send with a call to another service in the caller's name.
 *
 * @throws Error when no guard verified this request
 */
export function credentialsOf(request: object): CallerCredentials {
  const credential = Verified.credentialOf(request);
  if (credential === undefined)
    throw new Error('@Credentials() on a handler that no guard protects');
  return typeof credential === 'string' ? { authorization: `Bearer ${credential}` } : credential;
}
