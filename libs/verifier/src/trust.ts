import type { ClaimRules } from './access-token-claims.js';
import type { Introspection } from './introspection/introspection.js';
import type { KeySet } from './keys/key-set.js';
import type { TransactionRules } from './transaction-token-claims.js';

/** A trusted issuer with its keys and the rules for its tokens. */
export interface Trust {
  readonly rules: ClaimRules;
  readonly tokenTypes: ReadonlySet<string>;
  /** Undefined if its transaction tokens are not accepted. */
  readonly transactionRules: TransactionRules | undefined;
  readonly keySet: KeySet;
  readonly introspection: Introspection | undefined;
}
