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

export interface HttpSetting {
  readonly jwk: PublicJwk;
  readonly revocations: number;
}

type Protection = (setting: HttpSetting) => Provider[] | Promise<Provider[]>;

const WATERMARK_MILLISECONDS = 1_000;

/** What stands in front of the route. */
const PROTECTIONS = {
  unprotected: () => [],
  'guard-known': async (setting) => [
    await verifier(setting),
    { provide: APP_GUARD, useClass: AccessTokenGuard },
  ],
  // Remembers one token only, so that each is verified in full whenever it comes.
  'guard-new': async (setting) => [
    await verifier(setting, 1),
    { provide: APP_GUARD, useClass: AccessTokenGuard },
  ],
  'passport-known': async (setting) => [
    await verifier(setting),
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

/** The application of one variant: the same controller under another protection. */
export async function benchModule(
  variant: HttpVariant,
  setting: HttpSetting,
): Promise<new () => object> {
  const protect: Protection = PROTECTIONS[variant];
  @Module({ controllers: [OrdersController], providers: await protect(setting) })
  class BenchModule {}
  return BenchModule;
}

/** As VerifierModule provides it, but with revocations that come from nowhere instead of NATS. */
async function verifier(setting: HttpSetting, maxCachedTokens?: number): Promise<Provider> {
  const denyList = loadedDenyList(setting.revocations);
  keepFresh(denyList);
  const ready = await readyVerifier(setting, denyList, maxCachedTokens);
  return { provide: Verifier, useValue: ready };
}

function keepFresh(denyList: DenyList): void {
  refreshWatermark(denyList);
  setInterval(() => refreshWatermark(denyList), WATERMARK_MILLISECONDS).unref();
}

/** As the documentation of Nest shows it, with a ready key: a PEM would be read for each request. */
class OrdinaryStrategy extends PassportStrategy(Strategy) {
  constructor(jwk: PublicJwk) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // Its types know text only; jsonwebtoken, which gets it, takes a KeyObject as well.
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
