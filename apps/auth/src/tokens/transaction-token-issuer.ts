import { TRANSACTION_TOKEN_TYPE, type TransactionTokenClaims } from '@latchkey/contracts';
import { buildTransactionTokenClaims, type TransactionTokenRequest } from '@latchkey/issuer';
import { Inject, Injectable } from '@nestjs/common';
import { TokenSigner, type SignedToken } from './token-signer.js';
import { TOKENS_OPTIONS, type TokensModuleOptions } from './tokens.module-definition.js';

export type IssuedTransactionToken = SignedToken<TransactionTokenClaims>;

/** Issues transaction tokens (draft-ietf-oauth-transaction-tokens-10). */
@Injectable()
export class TransactionTokenIssuer {
  constructor(
    private readonly signer: TokenSigner,
    @Inject(TOKENS_OPTIONS) private readonly options: TokensModuleOptions,
  ) {}

  /** The trust domain of the services; undefined if there are no transaction tokens. */
  get trustDomain(): string | undefined {
    return this.options.transactionTokens?.trustDomain;
  }

  /**
   * @param issuedAt milliseconds since 1970, as for {@link TokenSigner.sign}
   * @throws SigningUnavailableError if the signing keys cannot be read
   * @throws Error without a trust domain
   */
  issue(request: TransactionTokenRequest, issuedAt?: number): Promise<IssuedTransactionToken> {
    const { issuer, lifetimeSeconds, transactionTokens } = this.options;
    if (!transactionTokens) throw new Error('there is no trust domain');
    const profile = {
      issuer,
      trustDomain: transactionTokens.trustDomain,
      // It never lives longer than an access token, because that decides how long keys and revocations are
      // kept.
      lifetimeSeconds: Math.min(transactionTokens.lifetimeSeconds, lifetimeSeconds),
    };
    const build = (now: number) => buildTransactionTokenClaims(profile, request, now);
    return this.signer.sign(TRANSACTION_TOKEN_TYPE, build, issuedAt);
  }
}
