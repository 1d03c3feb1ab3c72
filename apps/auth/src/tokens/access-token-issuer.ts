import { ACCESS_TOKEN_TYPE, type AccessTokenClaims } from '@latchkey/contracts';
import {
  buildAccessTokenClaims,
  type AccessTokenProfile,
  type AccessTokenRequest,
} from '@latchkey/issuer';
import { Inject, Injectable } from '@nestjs/common';
import { TokenSigner, type SignedToken } from './token-signer.js';
import { TOKENS_OPTIONS, type TokensModuleOptions } from './tokens.module-definition.js';

export type IssuedAccessToken = SignedToken<AccessTokenClaims>;

@Injectable()
export class AccessTokenIssuer {
  readonly #profile: AccessTokenProfile;

  constructor(
    private readonly signer: TokenSigner,
    @Inject(TOKENS_OPTIONS) { issuer, audiences, lifetimeSeconds }: TokensModuleOptions,
  ) {
    this.#profile = { issuer, lifetimeSeconds, audiences: [...new Set([...audiences, issuer])] };
  }

  /**
   * @param issuedAt milliseconds since 1970, as for {@link TokenSigner.sign}
   * @throws SigningUnavailableError if the signing keys cannot be read
   */
  issue(request: AccessTokenRequest, issuedAt?: number): Promise<IssuedAccessToken> {
    const build = (now: number) => buildAccessTokenClaims(this.#profile, request, now);
    return this.signer.sign(ACCESS_TOKEN_TYPE, build, issuedAt);
  }
}
