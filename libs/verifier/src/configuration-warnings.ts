import { describeError, WarningLog, type Warning } from '@latchkey/contracts';
import { SYNC_CLOCKS } from './advice.js';
import { TokenError, VerifierUnavailableError, type VerifierUnavailableCode } from './errors.js';
import type { TokenPrincipal } from './principal.js';
import type { TokenKind } from './token-kind.js';
import type { Trust } from './trust.js';

/** Failures that no other component reports. */
const UNAVAILABLE: Partial<Record<VerifierUnavailableCode, (cause: unknown) => string>> = {
  introspection_unavailable: (cause) =>
    `Introspection failed: ${describeError(cause)}. ` +
    'Check the options `introspection.url`, `clientId` and `authentication`.',
  clock_behind: () =>
    `A token could not be verified: it is valid by the issuer's clock, but not yet by this machine's, which is behind. ${SYNC_CLOCKS}`,
  clock_ahead: () =>
    `A token could not be verified: it is valid by the issuer's clock, but has expired by this machine's, which is ahead. ${SYNC_CLOCKS}`,
};

/** The limit on warnings is per reason, so those of one kind of token must not hide those of the other. */
const KINDS = {
  access_token: { reason: '', noun: 'A token' },
  transaction_token: { reason: 'transaction_token_', noun: 'A transaction token' },
} as const;

/** Warns if the configuration seems wrong, so that it does not end in unexplained 401s. */
export class ConfigurationWarnings {
  readonly #log: WarningLog;

  constructor(onWarning: (warning: Warning) => void) {
    this.#log = new WarningLog(onWarning);
  }

  /** Call this when a token was not accepted. */
  failed(error: unknown, kind: TokenKind<TokenPrincipal>, trusted: () => readonly Trust[]): void {
    if (error instanceof TokenError) {
      const advice = kind.advices[error.code];
      const { reason, noun } = KINDS[kind.name];
      if (advice) this.#log.warn(reason + error.code, `${noun} was rejected: ${advice(trusted())}`);
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
