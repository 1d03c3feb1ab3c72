import type { AuthenticationConfig } from '@latchkey/service-authentication';
import { VerifierUnavailableError, type Principal } from '@latchkey/verifier';
import {
  toHttpException,
  authorize,
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

/** Names the caller of an unprotected service, which does not check it. */
export const SUBJECT_HEADER = 'x-subject';

interface Authenticated {
  readonly principal: Principal;
  readonly credential: Credential;
}

/** Does what Latchkey's guards do around authentication: reads decorators, checks scopes, sets the principal. */
abstract class PeerGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(this.reflector, context);
    const request = requestOf(context);
    try {
      const { principal, credential } = await this.authenticate(request, context);
      authorize(policy, principal);
      setPrincipal(request, principal, credential);
      return true;
    } catch (error) {
      throw error instanceof UnauthorizedException ? error : toHttpException(error, context);
    }
  }

  protected abstract authenticate(
    request: HttpRequest,
    context: ExecutionContext,
  ): Authenticated | Promise<Authenticated>;
}

/** Accepts every request, to measure the cost of a route without protection. */
export class UnprotectedGuard extends PeerGuard {
  constructor(
    reflector: Reflector,
    private readonly issuer: string,
  ) {
    super(reflector);
  }

  protected authenticate({ headers }: HttpRequest): Authenticated {
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

/** The `kid` of a well-formed token; all tokens here come from auth. */
function keyIdOf(token: string): string {
  const header = Buffer.from(token.split('.', 1)[0]!, 'base64url').toString();
  return (JSON.parse(header) as { kid: string }).kid;
}

/**
 * The strategy from Nest's documentation, but with parsed keys, because a PEM would be parsed on every
 * request. The token's `kid` selects the key, because auth publishes its next key in advance.
 */
class OrdinaryStrategy extends PassportStrategy(Strategy) {
  constructor({ ISSUER, AUDIENCE }: AuthenticationConfig, keys: ReadonlyMap<string, KeyObject>) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // The types only allow strings and buffers, but jsonwebtoken also accepts a KeyObject.
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

/** passport-jwt does not support log-out: tokens are valid until they expire. */
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

  protected async authenticate(
    request: HttpRequest & { user?: Principal },
    context: ExecutionContext,
  ): Promise<Authenticated> {
    await this.#guard.canActivate(context); // throws for an invalid token
    if (!request.user) throw new UnauthorizedException();
    return { principal: request.user, credential: bearerTokenOf(request) };
  }
}

const ASK_MILLISECONDS = 2_000;

/** Introspects the token of every request at auth (RFC 7662), without a cache. */
export class IntrospectionGuard extends PeerGuard {
  readonly #url: string;
  readonly #authorization: string;

  constructor(
    reflector: Reflector,
    config: AuthenticationConfig,
    /** Timeout of an introspection request. */
    private readonly askMilliseconds = ASK_MILLISECONDS,
  ) {
    super(reflector);
    const { CLIENT_ID, CLIENT_SECRET, INTROSPECTION_URL } = config;
    this.#url = INTROSPECTION_URL ?? `${config.ISSUER}/oauth/introspect`;
    this.#authorization = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;
  }

  protected async authenticate(request: HttpRequest): Promise<Authenticated> {
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
    if (!response.ok) throw new Error(`introspection responded with ${response.status}`);
    return (await response.json()) as Claims & { active: boolean };
  }
}
