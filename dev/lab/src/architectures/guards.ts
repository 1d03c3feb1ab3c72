import type { AuthenticationConfig } from '@latchkey/service-authentication';
import { VerifierUnavailableError, type Principal } from '@latchkey/verifier';
import {
  toHttpException,
  checkScopes,
  setPrincipal,
  requestOf,
  routePolicyOf,
  type Credential,
  type HttpRequest,
} from '@latchkey/verifier-nestjs/guards';
import { UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ExtractJwt, Strategy } from 'passport-jwt';

/** Who somebody says that they are, where nobody checks it. */
export const SUBJECT_HEADER = 'x-subject';

interface Recognised {
  readonly principal: Principal;
  readonly credential: Credential;
}

/** What every peer does like our own guards: decorators are read, scopes checked, the principal left behind. */
abstract class PeerGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(this.reflector, context);
    const request = requestOf(context);
    try {
      const { principal, credential } = await this.recognise(request, context);
      checkScopes(policy, principal);
      setPrincipal(request, principal, credential);
      return true;
    } catch (error) {
      throw error instanceof UnauthorizedException ? error : toHttpException(error, context);
    }
  }

  protected abstract recognise(
    request: HttpRequest,
    context: ExecutionContext,
  ): Recognised | Promise<Recognised>;
}

/** Believes everybody: what a route costs that nothing protects. */
export class UnprotectedGuard extends PeerGuard {
  constructor(
    reflector: Reflector,
    private readonly issuer: string,
  ) {
    super(reflector);
  }

  protected recognise({ headers }: HttpRequest): Recognised {
    const subject = String(headers[SUBJECT_HEADER]);
    const scopes = new Set(['orders:read', 'orders:write']);
    const principal = { issuer: this.issuer, subject, scopes, expiresAt: Number.MAX_SAFE_INTEGER };
    return { principal, credential: {} };
  }
}

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly scope: string;
  readonly exp: number;
  readonly client_id?: string;
  readonly sid?: string;
}

function principalOf(claims: Claims): Principal {
  return {
    issuer: claims.iss,
    subject: claims.sub,
    scopes: new Set(claims.scope.split(' ')),
    expiresAt: claims.exp,
    ...(claims.client_id !== undefined && { clientId: claims.client_id }),
    ...(claims.sid !== undefined && { sessionId: claims.sid }),
  };
}

const bearerTokenOf = ({ headers }: HttpRequest) =>
  String(headers['authorization']).slice('Bearer '.length);

/** Of a token that is well-formed: each one here comes from auth. */
function keyIdOf(token: string): string {
  const header = Buffer.from(token.split('.', 1)[0]!, 'base64url').toString();
  return (JSON.parse(header) as { kid: string }).kid;
}

/**
 * As the documentation of Nest shows it, with ready keys, since a PEM would be read for each request. Which
 * of them is meant the token says: one that signs later is published already.
 */
class OrdinaryStrategy extends PassportStrategy(Strategy) {
  constructor({ ISSUER, AUDIENCE }: AuthenticationConfig, keys: ReadonlyMap<string, KeyObject>) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // Its types know text only; jsonwebtoken, which gets it, takes a KeyObject as well.
      secretOrKeyProvider: (_, token: string, done) =>
        done(null, keys.get(keyIdOf(token)) as unknown as Buffer),
      algorithms: ['RS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  }

  validate(claims: Claims): Principal {
    return principalOf(claims);
  }
}

/** passport-jwt knows no log-out: a token is good until it expires. */
export class PassportJwtGuard extends PeerGuard {
  readonly #guard: CanActivate = new (AuthGuard('jwt'))();

  private constructor(reflector: Reflector) {
    super(reflector);
  }

  static async start(reflector: Reflector, config: AuthenticationConfig) {
    const response = await fetch(config.JWKS_URL ?? `${config.ISSUER}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
    const byId = keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })] as const);
    new OrdinaryStrategy(config, new Map(byId)); // registers itself with passport
    return new PassportJwtGuard(reflector);
  }

  protected async recognise(
    request: HttpRequest & { user?: Principal },
    context: ExecutionContext,
  ): Promise<Recognised> {
    await this.#guard.canActivate(context); // throws where the token is not good
    if (!request.user) throw new UnauthorizedException();
    return { principal: request.user, credential: bearerTokenOf(request) };
  }
}

const ASK_MILLISECONDS = 2_000;

/** Asks auth about the token of each request (RFC 7662), and believes nothing else. */
export class IntrospectionGuard extends PeerGuard {
  readonly #url: string;
  readonly #authorization: string;

  constructor(
    reflector: Reflector,
    config: AuthenticationConfig,
    /** Whoever waits longer for the answer gives up. */
    private readonly askMilliseconds = ASK_MILLISECONDS,
  ) {
    super(reflector);
    const { CLIENT_ID, CLIENT_SECRET, INTROSPECTION_URL } = config;
    this.#url = INTROSPECTION_URL ?? `${config.ISSUER}/oauth/introspect`;
    this.#authorization = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;
  }

  protected async recognise(request: HttpRequest): Promise<Recognised> {
    const token = bearerTokenOf(request);
    const claims = await this.#ask(token).catch((cause: unknown) => {
      throw new VerifierUnavailableError('introspection_unavailable', { cause });
    });
    if (!claims.active) throw new UnauthorizedException();
    return { principal: principalOf(claims), credential: token };
  }

  async #ask(token: string): Promise<Claims & { readonly active: boolean }> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { authorization: this.#authorization, accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      signal: AbortSignal.timeout(this.askMilliseconds),
    });
    if (!response.ok) throw new Error(`introspection answered ${response.status}`);
    return (await response.json()) as Claims & { active: boolean };
  }
}
