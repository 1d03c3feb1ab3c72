import { KeyRing, SigningUnavailableError, type SigningKey } from '@latchkey/issuer';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { TokenLifetimes } from '../keys/token-lifetimes.js';

/** A token and its claims. */
export interface SignedToken<Claims> {
  readonly token: string;
  readonly claims: Claims;
}

/** Signs tokens of any type with the key that is active at that moment. */
@Injectable()
export class TokenSigner {
  constructor(
    private readonly ring: KeyRing,
    private readonly jwt: JwtService,
    @Inject(TokenLifetimes) private readonly lifetimes: Pick<TokenLifetimes, 'cover'>,
  ) {}

  /**
   * Signs on the main thread (0.4 ms for RSA-2048). In libuv's pool, where passwords are hashed, a token would
   * queue for half a second behind a burst of log-ins.
   *
   * @param type the `typ` header
   * @param build makes the claims from the time, in milliseconds since 1970. They must live at most as long as an
   * access token, whose lifetime is recorded.
   * @param issuedAt milliseconds since 1970, for callers that must not date the token later than the state that
   * they have read
   * @throws SigningUnavailableError if the signing keys cannot be read
   */
  async sign<Claims extends { readonly iat: number }>(
    type: string,
    build: (now: number) => Claims,
    issuedAt?: number,
  ): Promise<SignedToken<Claims>> {
    const key = await this.#signingKey();
    const claims = build(issuedAt ?? this.ring.now());
    await this.lifetimes.cover(claims.iat);
    const token = this.jwt.sign(claims, {
      algorithm: key.algorithm,
      privateKey: key.privateKey,
      header: { alg: key.algorithm, typ: type, kid: key.keyId },
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
