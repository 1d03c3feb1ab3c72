import { readPrincipal } from './access-token-claims.js';
import { ACCESS_TOKEN_ADVICE, TRANSACTION_TOKEN_ADVICE, type Advices } from './advice.js';
import { TRANSACTION_TOKEN_TYPE } from '@latchkey/contracts';
import { TokenError } from './errors.js';
import type { JoseHeader } from './jws/jose-header.js';
import type { TokenPrincipal, TransactionPrincipal } from './principal.js';
import type { Claims } from './token-claims.js';
import { readTransactionPrincipal } from './transaction-token-claims.js';
import type { Trust } from './trust.js';
import type { TokenKindName } from './verifier-options.js';

/** One of the kinds of tokens that a verifier accepts. */
export interface TokenKind<Principal extends TokenPrincipal> {
  readonly name: TokenKindName;
  /** Whether the issuer can be asked about such a token while the deny-list is stale. */
  readonly canBeIntrospected: boolean;
  /** Advice on rejections that a wrong option would cause. */
  readonly advices: Advices;
  /**
   * Reads a token of an issuer. Checks its type first, and then everything that does not depend on the time.
   *
   * @throws TokenError
   */
  read(header: JoseHeader, claims: Claims, trust: Trust): Principal;
}

export const ACCESS_TOKENS: TokenKind<TokenPrincipal> = {
  name: 'access_token',
  canBeIntrospected: true,
  advices: ACCESS_TOKEN_ADVICE,
  read: ({ type, keyId }, claims, { tokenTypes, rules }) => {
    if (!tokenTypes.has(type)) throw new TokenError('wrong_type');
    return readPrincipal(claims, rules, keyId);
  },
};

/** Introspection is for access tokens: a transaction token is refused there, as everywhere else. */
export const TRANSACTION_TOKENS: TokenKind<TransactionPrincipal> = {
  name: 'transaction_token',
  canBeIntrospected: false,
  advices: TRANSACTION_TOKEN_ADVICE,
  read: ({ type, keyId }, claims, { transactionRules }) => {
    if (type !== TRANSACTION_TOKEN_TYPE) throw new TokenError('wrong_type');
    // This is another issuer, which is trusted for access tokens only.
    if (!transactionRules) throw new TokenError('untrusted_issuer');
    return readTransactionPrincipal(claims, transactionRules, keyId);
  },
};
