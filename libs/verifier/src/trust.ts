import type { ClaimRules } from './access-token-claims.js';
import type { Introspection } from './introspection/introspection.js';
import type { KeySet } from './keys/key-set.js';

/** A trusted issuer with its keys and the rules for its tokens. */
export interface Trust {
  readonly rules: ClaimRules;
  readonly tokenTypes: ReadonlySet<string>;
  readonly keySet: KeySet;
  readonly introspection: Introspection | undefined;
}
