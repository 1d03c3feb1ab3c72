import { describeError, WarningLog, type Warning } from '@latchkey/contracts';
import {
  TokenError,
  VerifierUnavailableError,
  type TokenErrorCode,
  type VerifierUnavailableCode,
} from './errors.js';
import type { Trust } from './trust.js';

type Advice = (trusted: readonly Trust[]) => string;

const SYNC_CLOCKS = "Synchronize this machine's clock and the issuer's (NTP).";

const each = (trusted: readonly Trust[], read: (trust: Trust) => Iterable<unknown>) =>
  [...new Set(trusted.flatMap((trust) => [...read(trust)]))].join(', ');

/**
 * Rejections that a wrong option would cause for every token. Other codes concern single tokens, and any
 * client can cause them.
 */
const ADVICE: Partial<Record<TokenErrorCode, Advice>> = {
  untrusted_issuer: (trusted) =>
    `its iss is not ${each(trusted, ({ rules }) => [rules.issuer])}. ` +
    'Compare the option `issuer` with the iss of your tokens, character for character.',
  wrong_audience: (trusted) =>
    `its aud does not contain ${each(trusted, ({ rules }) => rules.audiences)}. ` +
    'Check the option `audience`, and the audience that the issuer is configured with.',
  wrong_type: (trusted) =>
    `its typ is not ${each(trusted, ({ tokenTypes }) => tokenTypes)}. Check the option \`tokenTypes\`.`,
  wrong_algorithm: () =>
    'its alg is not that of its key. The verifier supports RS256 only: ' +
    "check the issuer's signing algorithm.",
  unknown_key: (trusted) =>
    `the key set does not contain its kid. Check that the tokens come from ` +
    `${each(trusted, ({ rules }) => [rules.issuer])} and that \`jwksUri\` is that issuer's key set.`,
  lifetime_too_long: (trusted) =>
    `its lifetime exceeds ${each(trusted, ({ rules }) => [rules.maxLifetimeSeconds])} s. ` +
    'Check the option `maxLifetimeSeconds`.',
  not_yet_valid: () => `it is not valid yet by this machine's clock. ${SYNC_CLOCKS}`,
  sender_constrained: () =>
    'it is bound to a key (cnf: DPoP or mTLS), and this verifier does not check proofs of possession. ' +
    'Configure the issuer to issue bearer tokens for this service.',
};

/** Failures that no other component reports. */
const UNAVAILABLE: Partial<Record<VerifierUnavailableCode, (cause: unknown) => string>> = {
  introspection_unavailable: (cause) =>
    `Introspection failed: ${describeError(cause)}. ` +
    'Check the options `introspection.url`, `clientId` and `clientSecret`.',
  clock_behind: () =>
    `A token could not be verified: it is valid by the issuer's clock, but not yet by this machine's, which is behind. ${SYNC_CLOCKS}`,
  clock_ahead: () =>
    `A token could not be verified: it is valid by the issuer's clock, but has expired by this machine's, which is ahead. ${SYNC_CLOCKS}`,
};

/** Warns if the configuration seems wrong, so that it does not end in unexplained 401s. */
export class ConfigurationWarnings {
  readonly #log: WarningLog;

  constructor(onWarning: (warning: Warning) => void) {
    this.#log = new WarningLog(onWarning);
  }

  /** Call this when a token was not accepted. */
  failed(error: unknown, trusted: () => readonly Trust[]): void {
    if (error instanceof TokenError) {
      const advice = ADVICE[error.code];
      if (advice) this.#log.warn(error.code, `A token was rejected: ${advice(trusted())}`);
    } else if (error instanceof VerifierUnavailableError) {
      const message = UNAVAILABLE[error.code]?.(error.cause);
      if (message !== undefined) this.#log.warn(error.code, message);
    }
  }

  /** Call this for an issuer of which the deny-list has never received a watermark. */
  revocationsMissing(issuer: string): void {
    this.#log.warn(
      `no_revocations ${issuer}`,
      `The deny-list receives revocations of another issuer, but none of ${issuer}: ` +
        'its tokens are always stale. Verify them with a verifier of their own.',
    );
  }

  /** @param from the URL of the key set; undefined for a function */
  keySetFailed(issuer: string, from: string | undefined, cause: unknown): void {
    const warnOf = (what: string, why: string, option: string) =>
      this.#log.warn(
        `no_key_set ${issuer}`,
        `The key set of ${what} could not be loaded: ${why}. Check the option \`${option}\`.`,
      );
    if (from === undefined) return warnOf(issuer, describeError(cause), 'keys');
    const where = withoutSecrets(from);
    // The error of `fetch` can quote the URL, including a password.
    warnOf(`${issuer} at ${where}`, describeError(cause).replaceAll(from, where), 'jwksUri');
  }
}

/** Removes credentials and the query, which may contain a key. */
function withoutSecrets(uri: string): string {
  const { origin, pathname } = new URL(uri);
  return origin + pathname;
}
