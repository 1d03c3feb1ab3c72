import { formatWarning, type Warning } from '@latchkey/contracts';
import {
  aFunction,
  anObject,
  isolated,
  nonNegativeInteger,
  nonNegativeSeconds,
  option,
  optional,
  positiveSeconds,
  timerSeconds,
} from '@latchkey/contracts/options';
import type { KeySetFetch, KeySetOptions, VerifierOptions } from '../verifier-options.js';
import { readIssuers, type IssuerSettings } from './issuer-settings.js';
import { readRevocations, type RevocationSettings } from './revocation-settings.js';

const DEFAULT_CLOCK_TOLERANCE_SECONDS = 5;
const DEFAULT_CACHED_TOKENS = 20_000;

/** The options of a verifier, checked and complete. Callbacks cannot throw. */
export interface VerifierSettings {
  readonly issuers: readonly IssuerSettings[];
  readonly revocations: RevocationSettings;
  readonly clockToleranceSeconds: number;
  readonly maxCachedTokens: number;
  readonly keySet: Required<KeySetOptions>;
  readonly now: () => number;
  readonly onOutcome: NonNullable<VerifierOptions['onOutcome']>;
  readonly onKeySetFetch: (fetch: KeySetFetch) => void;
  readonly onWarning: (warning: Warning) => void;
}

/** @throws TypeError that names the missing or invalid option */
export function readSettings(options: VerifierOptions): VerifierSettings {
  option('options', options, anObject);
  const { clockToleranceSeconds, maxCachedTokens, now } = options;
  const issuers = readIssuers(options);
  return {
    issuers,
    revocations: readRevocations(options, issuers),
    clockToleranceSeconds: option(
      'clockToleranceSeconds',
      clockToleranceSeconds,
      nonNegativeSeconds,
      DEFAULT_CLOCK_TOLERANCE_SECONDS,
    ),
    maxCachedTokens: option(
      'maxCachedTokens',
      maxCachedTokens,
      nonNegativeInteger,
      DEFAULT_CACHED_TOKENS,
    ),
    keySet: readKeySet(options.keySet),
    now: option('now', now, aFunction<() => number>(), () => Date.now()),
    ...readCallbacks(options),
  };
}

function readKeySet(given: KeySetOptions | undefined): Required<KeySetOptions> {
  const keySet: KeySetOptions = option('keySet', given, anObject, {});
  const seconds = (name: keyof KeySetOptions, rule: typeof timerSeconds, defaultSeconds: number) =>
    option(`keySet.${name}`, keySet[name], rule, defaultSeconds);
  return {
    refreshAfterSeconds: seconds('refreshAfterSeconds', timerSeconds, 300),
    maxAgeSeconds: seconds('maxAgeSeconds', positiveSeconds, 86_400),
    cooldownSeconds: seconds('cooldownSeconds', timerSeconds, 30),
    timeoutSeconds: seconds('timeoutSeconds', timerSeconds, 5),
  };
}

type Callbacks = Pick<VerifierSettings, 'onOutcome' | 'onKeySetFetch' | 'onWarning'>;

function readCallbacks(options: VerifierOptions): Callbacks {
  const read = <Name extends keyof Callbacks>(name: Name) =>
    optional(name, options[name], aFunction<Callbacks[Name]>());
  return {
    onOutcome: isolated('onOutcome', read('onOutcome')),
    onKeySetFetch: isolated('onKeySetFetch', read('onKeySetFetch')),
    onWarning: isolated('onWarning', read('onWarning') ?? emitWarning),
  };
}

function emitWarning(warning: Warning): void {
  process.emitWarning(`@latchkey/verifier: ${formatWarning(warning)}`);
}
