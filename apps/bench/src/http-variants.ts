import { VerifierModule, AccessTokenGuard } from '@latchkey/verifier-nestjs';
import { LatchkeyPassportStrategy, PassportAccessTokenGuard } from '@latchkey/verifier-nestjs/passport';
import {
  Controller,
  Get,
  Injectable,
  Module,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  type ModuleMetadata,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { AUDIENCE, importPublicKey, ISSUER, type BenchIssuer } from './bench-issuer.js';
import { fastJwt } from './peers.js';

/** What protects the route, and which tokens it gets. */
export const HTTP_VARIANTS = [
  'unprotected',
  'latchkey guard, known tokens',
  'latchkey guard, new tokens',
  'latchkey Passport, known tokens',
  'passport-jwt',
  'fast-jwt guard, cached',
] as const;
export type HttpVariant = (typeof HTTP_VARIANTS)[number];

/** As much as the verifier of another process needs. */
export type PublicIssuer = Pick<BenchIssuer, 'jwk' | 'publicPem'>;

@Controller()
export class OrdersController {
  @Get('orders')
  list(): { orders: readonly string[] } {
    return { orders: [] };
  }
}

/** The same controller under the guard of a variant. */
export function benchModule(variant: HttpVariant, issuer: PublicIssuer): new () => object {
  @Module({ controllers: [OrdersController], ...PROTECTION[variant](issuer) })
  class BenchModule {}
  return BenchModule;
}

const PROTECTION: Record<HttpVariant, (issuer: PublicIssuer) => ModuleMetadata> = {
  unprotected: () => ({}),
  'latchkey guard, known tokens': (issuer) => ({
    imports: [verifierModule(issuer)],
    providers: [{ provide: APP_GUARD, useExisting: AccessTokenGuard }],
  }),
  // Nothing is remembered, so that every token is as good as new.
  'latchkey guard, new tokens': (issuer) => ({
    imports: [verifierModule(issuer, 0)],
    providers: [{ provide: APP_GUARD, useExisting: AccessTokenGuard }],
  }),
  'latchkey Passport, known tokens': (issuer) => ({
    imports: [verifierModule(issuer)],
    providers: [
      LatchkeyPassportStrategy,
      { provide: APP_GUARD, useClass: PassportAccessTokenGuard },
    ],
  }),
  'passport-jwt': (issuer) => ({
    providers: [
      { provide: PlainStrategy, useFactory: () => new PlainStrategy(issuer) },
      { provide: APP_GUARD, useClass: AuthGuard('plain') },
    ],
  }),
  'fast-jwt guard, cached': (issuer) => ({
    providers: [{ provide: APP_GUARD, useFactory: () => new FastJwtGuard(issuer) }],
  }),
};

function verifierModule({ jwk }: PublicIssuer, cachedTokens?: number) {
  return VerifierModule.forRoot({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: () => Promise.resolve({ keys: [jwk] }),
    feed: 'none',
    ...(cachedTokens !== undefined && { cachedTokens }),
  });
}

/** passport-jwt as its documentation shows it, with a ready key. */
class PlainStrategy extends PassportStrategy(Strategy, 'plain') {
  constructor({ jwk }: PublicIssuer) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: importPublicKey(jwk) as never,
      algorithms: ['RS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  }

  validate(claims: object): object {
    return claims;
  }
}

@Injectable()
class FastJwtGuard implements CanActivate {
  readonly #verify;

  constructor(issuer: PublicIssuer) {
    this.#verify = fastJwt(issuer, 20_000);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    try {
      this.#verify(request.headers.authorization?.slice('Bearer '.length) ?? '');
      return true;
    } catch {
      throw new UnauthorizedException();
    }
  }
}
