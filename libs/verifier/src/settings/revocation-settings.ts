import { oneOf, option, positiveSeconds, type OptionRule } from '@latchkey/contracts/options';
import type { RevocationCheck, WhenStale } from '../revocation-check.js';
import type { RevocationOptions } from '../verifier-options.js';
import type { IssuerSettings } from './issuer-settings.js';

const DEFAULT_MAX_STALENESS_SECONDS = 5;

export const whenStaleRule = oneOf<WhenStale>('accept', 'refuse', 'ask');

/** The deny-list and what to do when it is stale, checked and complete. */
export interface DenyListSettings {
  readonly denyList: RevocationCheck;
  readonly whenStale: WhenStale;
  readonly maxStalenessSeconds: number;
}

export type RevocationSettings = 'ignore' | DenyListSettings;

/** @throws TypeError that names the missing or invalid option */
export function readRevocations(
  options: RevocationOptions,
  issuers: readonly IssuerSettings[],
): RevocationSettings {
  const revocations = option('revocations', options.revocations, revocationsRule);
  const { whenStale, maxStalenessSeconds } = options;
  if (revocations === 'ignore') {
    for (const [name, value] of Object.entries({ whenStale, maxStalenessSeconds }))
      if (value !== undefined)
        throw new TypeError(
          `${name} has no effect with revocations: 'ignore'; remove it, or pass a deny-list`,
        );
    return revocations;
  }
  const chosen = option('whenStale', whenStale, whenStaleRule);
  if (chosen === 'ask')
    for (const { introspection, rules } of issuers)
      if (!introspection) throw introspectionMissing(rules.issuer);
  return {
    denyList: revocations,
    whenStale: chosen,
    maxStalenessSeconds: option(
      'maxStalenessSeconds',
      maxStalenessSeconds,
      positiveSeconds,
      DEFAULT_MAX_STALENESS_SECONDS,
    ),
  };
}

export function introspectionMissing(issuer: string): TypeError {
  return new TypeError(`whenStale: 'ask' requires the option introspection of ${issuer}`);
}

const REQUIRED_METHODS = ['isRevoked', 'stalenessSeconds'] as const;
const OPTIONAL_METHODS = ['prepare', 'waitForSerial', 'clockOffsetSeconds'] as const;

const revocationsRule: OptionRule<'ignore' | RevocationCheck> = {
  allowed: "'ignore' or a deny-list, such as DenyList of @latchkey/deny-list",
  accepts: (value): value is 'ignore' | RevocationCheck => value === 'ignore' || isDenyList(value),
};

function isDenyList(value: unknown): value is RevocationCheck {
  if (typeof value !== 'object' || value === null) return false;
  const list = value as Partial<Record<keyof RevocationCheck, unknown>>;
  return (
    typeof list.loaded === 'boolean' &&
    REQUIRED_METHODS.every((method) => typeof list[method] === 'function') &&
    OPTIONAL_METHODS.every((method) => ['function', 'undefined'].includes(typeof list[method]))
  );
}
