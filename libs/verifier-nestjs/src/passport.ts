import { TokenError, Verifier, type TokenPrincipal, type VerifyOptions } from '@latchkey/verifier';
import { Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { PassportStrategy } from '@nestjs/passport';
import type { KeyObject } from 'node:crypto';
import { types } from 'node:util';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { AccessTokenCookie, requireAccessToken } from './access-token-cookie.js';

import type { HttpRequest } from './http-message.js';
import { requestOf } from './handler-context.js';
import { withMinPosition } from './min-position.js';
import { setPrincipal } from './request-principal.js';
import { checkScopes, routePolicyOf } from './route-policy.js';
import { toHttpException } from './to-http-exception.js';

const STRATEGY = 'latchkey';

interface Asked {
  readonly token: string;
  readonly options: VerifyOptions;
}

/** From the guard to the strategy, and from one of its callbacks to the next, only the request is handed on. */
const verified = new WeakMap<object, TokenPrincipal>();
const asked = new WeakMap<object, Asked>();

/**
 * A Passport for each verifier. Passport's own instance is global and knows a strategy by its name
 * alone: of two applications in one process the second would judge the first one's tokens.
 */
const passports = new WeakMap<Verifier, passport.Authenticator>();

type Done = (error: unknown, value?: unknown, info?: unknown) => void;

/**
 * The verifier as a strategy of `passport-jwt`, for teams on Passport. A token passes the whole
 * verifier before passport-jwt is given the key for its own check; so both must agree.
 */
@Injectable()
export class LatchkeyPassportStrategy extends PassportStrategy(Strategy, STRATEGY) {
  /** Only declared: an initializer would run after it was assigned. */
  declare private passport: passport.Authenticator;

  constructor(verifier: Verifier) {
    super({
      jwtFromRequest: (request: object) => asked.get(request)?.token,
      secretOrKeyProvider: (request: object, token: string, done: Done) => {
        verifyFor(verifier, request, token).then(
          (key) => done(null, key),
          (error: unknown) => done(error),
        );
      },
      algorithms: ['RS256'],
      // The verifier has judged the times already, by the tolerance and the clock that it was given.
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
      passReqToCallback: true,
    } as unknown as ConstructorParameters<typeof Strategy>[0]);
    passports.set(verifier, this.passport);
  }

  /** Called by Passport once passport-jwt has agreed: what becomes `request.user`. */
  validate(request: object): TokenPrincipal | undefined {
    return verified.get(request);
  }

  /** Called by the constructor that this one calls. */
  getPassportInstance(): passport.Authenticator {
    return (this.passport = new passport.Passport());
  }
}

async function verifyFor(verifier: Verifier, request: object, token: string): Promise<KeyObject> {
  const principal = await verifier.verify(token, asked.get(request)?.options);
  const key = verifier.publicKey(principal);
  if (!key) throw new TokenError('unknown_key');
  verified.set(request, principal);
  return key;
}

/** Passport's counterpart of `AccessTokenGuard`: same decorators, same answers, and `request.user`. */
@Injectable()
export class PassportAccessTokenGuard implements CanActivate {
  constructor(
    private readonly verifier: Verifier,
    private readonly reflector: Reflector,
    @Optional() private readonly cookie?: AccessTokenCookie,
  ) {}

  /**
   * Called by Nest.
   *
   * @throws AccessTokenException 400, 401, 403 or 503
   * @throws UnprotectedHandlerError in a gateway, a message handler or a GraphQL subscription
   * @throws Error when {@link LatchkeyPassportStrategy} is not among the providers
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(this.reflector, context);
    if (policy.isPublic) return true;
    const request: HttpRequest & { user?: TokenPrincipal } = requestOf(context);
    try {
      const token = requireAccessToken(request, this.cookie);
      asked.set(request, { token, options: withMinPosition(policy.verifyOptions, request) });
      const principal = await this.#authenticate(request);
      checkScopes(policy, principal);
      setPrincipal(request, principal, token);
      request.user = principal;
      return true;
    } catch (error) {
      throw toHttpException(error, context);
    }
  }

  async #authenticate(request: HttpRequest): Promise<TokenPrincipal> {
    const authenticator = passports.get(this.verifier);
    if (!authenticator) throw new Error('LatchkeyPassportStrategy is missing from the providers');
    const { error, principal, info } = await outcomeOf(authenticator, request);
    if (error) throw error;
    if (principal) return principal as TokenPrincipal;
    throw refusal(info);
  }
}

interface Outcome {
  readonly error: Error | null | undefined;
  readonly principal: unknown;
  readonly info: unknown;
}

type Authenticate = (request: object, response: object, next: (error?: Error) => void) => void;

function outcomeOf(authenticator: passport.Authenticator, request: object): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (error?: Error | null, principal?: unknown, info?: unknown) =>
      resolve({ error, principal, info });
    const options = { session: false };
    const authenticate = authenticator.authenticate(STRATEGY, options, settle) as Authenticate;
    authenticate(request, {}, settle);
  });
}

/** Passport reports what the strategy threw as `info` beside a missing user. */
function refusal(info: unknown): Error {
  if (!types.isNativeError(info)) return new Error('passport refused a request without a reason');
  if (info.name !== 'JsonWebTokenError') return info;
  return new TokenError('bad_signature', 'refused by passport-jwt', { cause: info });
}
