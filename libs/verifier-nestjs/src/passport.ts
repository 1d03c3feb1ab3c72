import {
  TokenError,
  Verifier,
  type Principal,
  type TokenPrincipal,
  type VerifyOptions,
} from '@latchkey/verifier';
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
import { authorize, routePolicyOf } from './route-policy.js';
import { toHttpException } from './to-http-exception.js';
import { withTransaction } from './transaction-token.js';

const STRATEGY = 'latchkey';

interface PendingVerification {
  readonly token: string;
  readonly options: VerifyOptions;
}

/** Passport hands only the request from the guard to the strategy, and from one callback to the next. */
const verified = new WeakMap<object, TokenPrincipal>();
const pending = new WeakMap<object, PendingVerification>();

/**
 * One Passport per verifier. Passport's default instance is global and looks strategies up by name, so the
 * second of two applications in a process would verify the tokens of the first.
 */
const passports = new WeakMap<Verifier, passport.Authenticator>();

type Done = (error: unknown, value?: unknown, info?: unknown) => void;

/**
 * The verifier as a `passport-jwt` strategy. A token must pass the verifier before passport-jwt receives
 * the key and checks the signature itself, so both have to accept it.
 */
@Injectable()
export class LatchkeyPassportStrategy extends PassportStrategy(Strategy, STRATEGY) {
  /** Declared without an initializer, which would run after `getPassportInstance()` and undo it. */
  declare private passport: passport.Authenticator;

  constructor(verifier: Verifier) {
    super({
      jwtFromRequest: (request: object) => pending.get(request)?.token,
      secretOrKeyProvider: (request: object, token: string, done: Done) => {
        verifyFor(verifier, request, token).then(
          (key) => done(null, key),
          (error: unknown) => done(error),
        );
      },
      algorithms: ['RS256'],
      // The verifier has checked the times, with its own clock and tolerance.
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
      passReqToCallback: true,
    } as unknown as ConstructorParameters<typeof Strategy>[0]);
    passports.set(verifier, this.passport);
  }

  /** Called by Passport once passport-jwt has accepted the token. @returns `request.user` */
  validate(request: object): TokenPrincipal | undefined {
    return verified.get(request);
  }

  /** Called by the constructor of the base class. */
  getPassportInstance(): passport.Authenticator {
    return (this.passport = new passport.Passport());
  }
}

async function verifyFor(verifier: Verifier, request: object, token: string): Promise<KeyObject> {
  const principal = await verifier.verify(token, pending.get(request)?.options);
  const key = verifier.publicKey(principal);
  if (!key) throw new TokenError('unknown_key');
  verified.set(request, principal);
  return key;
}

/**
 * The Passport version of `AccessTokenGuard`: same decorators and same responses. Sets `request.user` as
 * well.
 */
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
   * @throws Error if {@link LatchkeyPassportStrategy} is not a provider
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(this.reflector, context);
    if (policy.isPublic) return true;
    const request: HttpRequest & { user?: Principal } = requestOf(context);
    try {
      const token = requireAccessToken(request, this.cookie);
      const options = withMinPosition(policy.verifyOptions, request);
      pending.set(request, { token, options });
      const caller = await this.#authenticate(request);
      const { principal, credential } = await withTransaction(this.verifier, request, options, {
        principal: caller,
        accessToken: token,
      });
      authorize(policy, principal);
      setPrincipal(request, principal, credential);
      request.user = principal;
      return true;
    } catch (error) {
      throw toHttpException(error, context);
    }
  }

  async #authenticate(request: HttpRequest): Promise<TokenPrincipal> {
    const authenticator = passports.get(this.verifier);
    if (!authenticator) throw new Error('Add LatchkeyPassportStrategy to the providers');
    const { error, principal, info } = await outcomeOf(authenticator, request);
    if (error) throw error;
    if (principal) return principal as TokenPrincipal;
    throw rejectionOf(info);
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

/** Passport reports an error of the strategy as `info`, without a user. */
function rejectionOf(info: unknown): Error {
  if (!types.isNativeError(info))
    return new Error('Passport rejected the request without a reason');
  if (info.name !== 'JsonWebTokenError') return info;
  return new TokenError('bad_signature', 'rejected by passport-jwt', { cause: info });
}
