import { describeError, formatWarning, WarningLog, type Warning } from '@latchkey/contracts';
import {
  TokenError,
  VerifierUnavailableError,
  type TokenErrorCode,
  type VerifierUnavailableCode,
} from './errors.js';
import type { Trust } from './trusted-issuers.js';
import type { VerifierOptions } from './verifier-options.js';

type Advice = (trusted: readonly Trust[]) => string;

const SET_CLOCKS = "Set this clock and the issuer's right (NTP).";

const each = (trusted: readonly Trust[], read: (trust: Trust) => Iterable<unknown>) =>
  [...new Set(trusted.flatMap((trust) => [...read(trust)]))].join(', ');

/**
 * Refusals that a wrong setting would cause for every token. The others are about one token, and a
 * stranger can cause any number of them.
 */
const ADVICE: Partial<Record<TokenErrorCode, Advice>> = {
  untrusted_issuer: (trusted) =>
    `its iss is not ${each(trusted, ({ rules }) => [rules.issuer])}. ` +
    'Compare the option issuer with the iss of your tokens, character for character.',
  wrong_audience: (trusted) =>
    `its aud does not name ${each(trusted, ({ rules }) => rules.audiences)}. ` +
    'Check the option audience, and which audiences the issuer puts into its tokens.',
  wrong_type: (trusted) =>
    `its typ is not ${each(trusted, ({ tokenTypes }) => tokenTypes)}. Check the option tokenTypes.`,
  wrong_algorithm: () => 'its alg is not that of the key it names.',
  unknown_key: (trusted) =>
    `the key set has no key with its kid. Check that the tokens come from ` +
    `${each(trusted, ({ rules }) => [rules.issuer])} and that jwksUri is the key set of that issuer.`,
  lifetime_too_long: (trusted) =>
    `it lives longer than ${each(trusted, ({ rules }) => [rules.maxLifetimeSeconds])} s. ` +
    'Check the option maxLifetimeSeconds.',
  not_yet_valid: () => `it is not valid yet by this machine's clock. ${SET_CLOCKS}`,
  sender_constrained: () =>
    'it is bound to a key (cnf: DPoP or mTLS), and proofs are not checked here. ' +
    'Have the issuer issue plain bearer tokens for this service.',
};

/** What keeps a verifier from judging a token, where nobody else says so. */
const UNAVAILABLE: Partial<Record<VerifierUnavailableCode, (cause: unknown) => string>> = {
  introspection_unavailable: (cause) =>
    `The issuer could not be asked about a token: ${describeError(cause)}. ` +
    'Check the options introspection.url, clientId and clientSecret.',
  clock_behind: () =>
    `A token cannot be judged: it is valid by the issuer's clock, and not yet by this machine's, which is behind. ${SET_CLOCKS}`,
  clock_ahead: () =>
    `A token cannot be judged: it is valid by the issuer's clock, and has expired by this machine's, which is ahead. ${SET_CLOCKS}`,
};

/** Says what seems to be wrong with how a verifier is set up, instead of answering 401 in silence. */
export class SetUpTroubles {
  readonly #log: WarningLog;

  constructor({ onWarning = warn }: Pick<VerifierOptions, 'onWarning'>) {
    this.#log = new WarningLog(onWarning);
  }

  /** A token was not accepted. */
  failed(error: unknown, trusted: () => readonly Trust[]): void {
    if (error instanceof TokenError) {
      const advice = ADVICE[error.code];
      if (advice) this.#log.tell(error.code, `A token was refused: ${advice(trusted())}`);
    } else if (error instanceof VerifierUnavailableError) {
      const message = UNAVAILABLE[error.code]?.(error.cause);
      if (message !== undefined) this.#log.tell(error.code, message);
    }
  }

  /** @param from where the key set is; undefined for a function */
  noKeySet(issuer: string, from: string | undefined, cause: unknown): void {
    const tell = (what: string, why: string, option: string) =>
      this.#log.tell(
        `no_key_set ${issuer}`,
        `The key set of ${what} cannot be used: ${why}. Check the option ${option}.`,
      );
    if (from === undefined) return tell(issuer, describeError(cause), 'keys');
    const where = withoutSecrets(from);
    // `fetch` quotes a URL that it refuses, with the password in it.
    tell(`${issuer} at ${where}`, describeError(cause).replaceAll(from, where), 'jwksUri');
  }
}

function warn(trouble: Warning): void {
  process.emitWarning(`@latchkey/verifier: ${formatWarning(trouble)}`);
}

/** A URL may carry a password or a key. */
function withoutSecrets(uri: string): string {
  const { origin, pathname } = new URL(uri);
  return origin + pathname;
}
