import type { DenyList } from '@latchkey/deny-list';
import { Verifier } from '@latchkey/verifier';
import { AccessTokenGuard } from '@latchkey/verifier-nestjs';
import {
  LatchkeyPassportStrategy,
  PassportAccessTokenGuard,
} from '@latchkey/verifier-nestjs/passport';
import {
  Module,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  type Provider,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { createPublicKey } from 'node:crypto';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { loadedDenyList, readyVerifier, refreshWatermark } from './latchkey-side.js';
import { OrdersController } from './orders-controller.js';
import { fastJwtCached } from './peers.js';
import { AUDIENCE, ISSUER, type PublicJwk } from './token-pool.js';

export interface HttpOptions {
  readonly jwk: PublicJwk;
  readonly revocations: number;
}

type Protection = (options: HttpOptions) => Provider[] | Promise<Provider[]>;

const WATERMARK_MILLISECONDS = 1_000;

/** The protections of the route. */
const PROTECTIONS = {
  unprotected: () => [],
  'guard-known': async (options) => [
    await verifier(options),
    { provide: APP_GUARD, useClass: AccessTokenGuard },
  ],
  // A cache of one token, so that every request verifies the signature.
  'guard-new': async (options) => [
    await verifier(options, 1),
    { provide: APP_GUARD, useClass: AccessTokenGuard },
  ],
  'passport-known': async (options) => [
    await verifier(options),
    LatchkeyPassportStrategy,
    { provide: APP_GUARD, useClass: PassportAccessTokenGuard },
  ],
  'passport-jwt': ({ jwk }) => [
    { provide: OrdinaryStrategy, useFactory: () => new OrdinaryStrategy(jwk) },
    { provide: APP_GUARD, useClass: AuthGuard('jwt') },
  ],
  'fast-jwt-known': ({ jwk }) => [{ provide: APP_GUARD, useFactory: () => new FastJwtGuard(jwk) }],
} satisfies Record<string, Protection>;

export type HttpVariant = keyof typeof PROTECTIONS;

/** The application of a variant: the same controller with another protection. */
export async function benchModule(
  variant: HttpVariant,
  options: HttpOptions,
): Promise<new () => object> {
  const protect: Protection = PROTECTIONS[variant];
  @Module({ controllers: [OrdersController], providers: await protect(options) })
  class BenchModule {}
  return BenchModule;
}

/** Provides a verifier like VerifierModule, but with a fixed deny-list instead of NATS. */
async function verifier(options: HttpOptions, maxCachedTokens?: number): Promise<Provider> {
  const denyList = loadedDenyList(options.revocations);
  keepFresh(denyList);
  const ready = await readyVerifier(options, denyList, maxCachedTokens);
  return { provide: Verifier, useValue: ready };
}

function keepFresh(denyList: DenyList): void {
  refreshWatermark(denyList);
  setInterval(() => refreshWatermark(denyList), WATERMARK_MILLISECONDS).unref();
}

/** The strategy from Nest's documentation, but with a parsed key, because a PEM would be parsed on every request. */
class OrdinaryStrategy extends PassportStrategy(Strategy) {
  constructor(jwk: PublicJwk) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // The types only allow strings and buffers, but jsonwebtoken also accepts a KeyObject.
      secretOrKey: createPublicKey({ key: { ...jwk }, format: 'jwk' }) as unknown as Buffer,
      algorithms: ['RS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  }

  validate(claims: object): object {
    return claims;
  }
}

class FastJwtGuard implements CanActivate {
  readonly #verify: (token: string) => unknown;

  constructor(jwk: PublicJwk) {
    this.#verify = fastJwtCached(jwk);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string }; user?: unknown }>();
    try {
      request.user = this.#verify(request.headers.authorization?.slice('Bearer '.length) ?? '');
      return true;
    } catch (cause) {
      throw new UnauthorizedException(undefined, { cause });
    }
  }
}
