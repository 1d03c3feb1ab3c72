import type { ConfigurationWarnings } from './configuration-warnings.js';
import { TokenError } from './errors.js';
import { Introspection } from './introspection/introspection.js';
import { KeySet } from './keys/key-set.js';
import { remoteKeySet } from './keys/remote-key-set.js';
import type { IssuerSettings } from './settings/issuer-settings.js';
import type { VerifierSettings } from './settings/verifier-settings.js';
import type { Trust } from './trust.js';

/** The trusted issuers of a verifier, by their exact identifier. */
export class TrustedIssuers {
  readonly #byName: ReadonlyMap<string, Trust>;

  constructor(settings: VerifierSettings, warnings: ConfigurationWarnings) {
    this.#byName = new Map(
      settings.issuers.map((issuer) => [issuer.rules.issuer, trust(issuer, settings, warnings)]),
    );
  }

  /** @throws TokenError `untrusted_issuer` unless the `iss` claim is exactly one of the issuers */
  get(issuer: unknown): Trust {
    const found = typeof issuer === 'string' ? this.#byName.get(issuer) : undefined;
    if (!found) throw new TokenError('untrusted_issuer');
    return found;
  }

  all(): readonly Trust[] {
    return [...this.#byName.values()];
  }
}

function trust(
  { rules, tokenTypes, transactionRules, keys, introspection }: IssuerSettings,
  { keySet, now, onKeySetFetch }: VerifierSettings,
  warnings: ConfigurationWarnings,
): Trust {
  const { issuer } = rules;
  const isUrl = typeof keys === 'string';
  return {
    rules,
    tokenTypes,
    transactionRules,
    keySet: new KeySet(isUrl ? remoteKeySet(keys) : keys, {
      ...keySet,
      now,
      onFetch: (outcome) => {
        if (!outcome.ok) warnings.keySetFailed(issuer, isUrl ? keys : undefined, outcome.cause);
        onKeySetFetch({ issuer, ...outcome });
      },
    }),
    introspection:
      introspection && new Introspection(introspection.introspect, introspection.timeoutSeconds),
  };
}
