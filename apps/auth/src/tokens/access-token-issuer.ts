import { ACCESS_TOKEN_TYPE, type AccessTokenClaims } from '@latchkey/contracts';
import {
  buildAccessTokenClaims,
  KeyRing,
  SigningUnavailableError,
  type AccessTokenProfile,
  type AccessTokenRequest,
  type SigningKey,
} from '@latchkey/issuer';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { TokenLifetimes } from '../keys/token-lifetimes.js';
import { TOKENS_OPTIONS, type TokensModuleOptions } from './tokens.module-definition.js';

export interface IssuedAccessToken {
  readonly token: string;
  readonly claims: AccessTokenClaims;
}

@Injectable()
export class AccessTokenIssuer {
  readonly #profile: AccessTokenProfile;

  constructor(
    private readonly ring: KeyRing,
    private readonly jwt: JwtService,
    @Inject(TokenLifetimes) private readonly lifetimes: Pick<TokenLifetimes, 'cover'>,
    @Inject(TOKENS_OPTIONS) { issuer, audiences, lifetimeSeconds }: TokensModuleOptions,
  ) {
    this.#profile = { issuer, lifetimeSeconds, audiences: [...new Set([...audiences, issuer])] };
  }

  /**
   * Signs on the main thread (0.4 ms for RSA-2048). In libuv's pool, where passwords are hashed, a token would
   * queue for half a second behind a burst of log-ins.
   *
   * @param issuedAt milliseconds since 1970, for callers that must not date the token later than the state that
   * they have read
   * @throws SigningUnavailableError if the signing keys cannot be read
   */
  async issue(request: AccessTokenRequest, issuedAt?: number): Promise<IssuedAccessToken> {
    const key = await this.#signingKey();
    const claims = buildAccessTokenClaims(this.#profile, request, issuedAt ?? this.ring.now());
    await this.lifetimes.cover(claims.iat);
    const token = this.jwt.sign(claims, {
      algorithm: key.algorithm,
      privateKey: key.privateKey,
      header: { alg: key.algorithm, typ: ACCESS_TOKEN_TYPE, kid: key.keyId },
    });
    return { token, claims };
  }

  async #signingKey(): Promise<SigningKey> {
    try {
      return this.ring.signingKey();
    } catch (error) {
      if (!(error instanceof SigningUnavailableError)) throw error;
      await this.ring.load();
      return this.ring.signingKey();
    }
  }
}
