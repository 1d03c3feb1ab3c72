import type { TokenErrorCode } from './errors.js';
import type { Trust } from './trust.js';

type Advice = (trusted: readonly Trust[]) => string;

/** Advice on rejections that a wrong option would cause: what to check. */
export type Advices = Partial<Record<TokenErrorCode, Advice>>;

export const SYNC_CLOCKS = "Synchronize this machine's clock and the issuer's (NTP).";

const each = (trusted: readonly Trust[], read: (trust: Trust) => Iterable<unknown>) =>
  [...new Set(trusted.flatMap((trust) => [...read(trust)]))].join(', ');

/** Advice that applies to every kind of token. */
const ADVICE: Advices = {
  untrusted_issuer: (trusted) =>
    `its iss is not ${each(trusted, ({ rules }) => [rules.issuer])}. ` +
    'Compare the option `issuer` with the iss of your tokens, character for character.',
  wrong_algorithm: () =>
    'its alg is not that of its key. The verifier supports RS256 only: ' +
    "check the issuer's signing algorithm.",
  unknown_key: (trusted) =>
    `the key set does not contain its kid. Check that the tokens come from ` +
    `${each(trusted, ({ rules }) => [rules.issuer])} and that \`jwksUri\` is that issuer's key set.`,
  not_yet_valid: () => `it is not valid yet by this machine's clock. ${SYNC_CLOCKS}`,
  sender_constrained: () =>
    'it is bound to a key (cnf: DPoP or mTLS), and this verifier does not check proofs of possession. ' +
    'Configure the issuer to issue bearer tokens for this service.',
};

/**
 * Rejections that a wrong option would cause for every access token. Other codes concern single tokens,
 * and any client can cause them.
 */
export const ACCESS_TOKEN_ADVICE: Advices = {
  ...ADVICE,
  wrong_audience: (trusted) =>
    `its aud does not contain ${each(trusted, ({ rules }) => rules.audiences)}. ` +
    'Check the option `audience`, and the audience that the issuer is configured with.',
  wrong_type: (trusted) =>
    `its typ is not ${each(trusted, ({ tokenTypes }) => tokenTypes)}. Check the option \`tokenTypes\`.`,
  lifetime_too_long: (trusted) =>
    `its lifetime exceeds ${each(trusted, ({ rules }) => [rules.maxLifetimeSeconds])} s. ` +
    'Check the option `maxLifetimeSeconds`.',
};

const ofTransactions = (
  trusted: readonly Trust[],
  read: (rules: NonNullable<Trust['transactionRules']>) => unknown,
) => each(trusted, ({ transactionRules }) => (transactionRules ? [read(transactionRules)] : []));

/** The same for transaction tokens. */
export const TRANSACTION_TOKEN_ADVICE: Advices = {
  ...ADVICE,
  untrusted_issuer: (trusted) =>
    `its iss is not ${ofTransactions(trusted, ({ issuer }) => issuer)}. ` +
    'Give the option `transactionTokens` to the issuer of your transaction tokens.',
  wrong_audience: (trusted) =>
    `its aud is not ${ofTransactions(trusted, ({ trustDomain }) => trustDomain)}. ` +
    'Check the option `transactionTokens.trustDomain`, and the trust domain of the issuer.',
  wrong_type: () =>
    'its typ is not txntoken+jwt. Check that callers send no other token in the Txn-Token header.',
  lifetime_too_long: (trusted) =>
    `its lifetime exceeds ${ofTransactions(trusted, (rules) => rules.maxLifetimeSeconds)} s. ` +
    'Check the option `transactionTokens.maxLifetimeSeconds`.',
};
