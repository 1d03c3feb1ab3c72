import { Verifier, type Principal } from '@latchkey/verifier';
import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import type { KeyObject } from 'node:crypto';
import { Strategy } from 'passport-jwt';
import { answering, requireBearerToken } from './access-token.guard.js';
import type { HttpRequest } from './bearer-token.js';
import { rememberPrincipal } from './request-principal.js';
import { RoutePolicy } from './route-policy.js';

const STRATEGY = 'latchkey';
const CLOCK_TOLERANCE_SECONDS = 60;

/** Between the provider of the key and the verify callback, passport-jwt hands on only the request. */
const verified = new WeakMap<object, Principal>();
const policies = new WeakMap<object, RoutePolicy>();

type Done = (error: unknown, value?: unknown, info?: unknown) => void;

/**
 * The verifier as a strategy of `passport-jwt`, for teams on Passport. A token passes the whole
 * verifier before passport-jwt is given the key for its own check; so both must agree.
 */
@Injectable()
export class LatchkeyPassportStrategy extends PassportStrategy(Strategy, STRATEGY) {
  constructor(verifier: Verifier) {
    super({
      jwtFromRequest: (request: unknown) => requireBearerToken(request as HttpRequest),
      secretOrKeyProvider: (request: object, token: string, done: Done) => {
        verifyFor(verifier, request, token).then(
          (key) => done(null, key),
          (error: unknown) => done(error),
        );
      },
      algorithms: ['RS256'],
      // The verifier has judged the times already, by the tolerance that it was given.
      jsonWebTokenOptions: { clockTolerance: CLOCK_TOLERANCE_SECONDS },
      passReqToCallback: true,
    } as unknown as ConstructorParameters<typeof Strategy>[0]);
  }

  validate(request: object): Principal | undefined {
    return verified.get(request);
  }
}

async function verifyFor(
  verifier: Verifier,
  request: object,
  token: string,
): Promise<KeyObject | undefined> {
  const principal = await verifier.verify(token, policies.get(request)?.verifyOptions);
  verified.set(request, principal);
  return verifier.publicKey(principal);
}

/** Passport's counterpart of `AccessTokenGuard`: same decorators, same answers. */
@Injectable()
export class PassportAccessTokenGuard extends AuthGuard(STRATEGY) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = new RoutePolicy(this.reflector, context);
    if (policy.isPublic) return true;
    return answering(context, async () => {
      const request = context.switchToHttp().getRequest<HttpRequest & { user?: Principal }>();
      const token = requireBearerToken(request);
      policies.set(request, policy);
      await super.canActivate(context);
      const { user: principal } = request;
      if (!principal) throw new Error('passport let a request pass without a principal');
      policy.checkScopes(principal);
      rememberPrincipal(request, principal, token);
      return true;
    });
  }

  /** Passport reports what the strategy threw as `info` beside a missing user. */
  override handleRequest<User>(error: unknown, user: User | false, info: unknown): User {
    if (user && !error) return user;
    throw error ?? info;
  }
}
