import {
  ACCESS_TOKEN_TYPE,
  MAX_TRANSACTION_TOKEN_LIFETIME_SECONDS,
  TRANSACTION_TOKEN_TYPE,
} from '@latchkey/contracts';
import {
  aFunction,
  anObject,
  conflict,
  httpUrl,
  nonEmptyString,
  nonEmptyStrings,
  option,
  positiveSeconds,
  type OptionRule,
} from '@latchkey/contracts/options';
import type { ClaimRules } from '../access-token-claims.js';
import { mediaSubtype } from '../jws/jose-header.js';
import type { TransactionRules } from '../transaction-token-claims.js';
import type {
  ClaimNames,
  KeySetSource,
  TransactionTokenOptions,
  TrustedIssuer,
  VerifierOptions,
} from '../verifier-options.js';
import { readIntrospection, type IntrospectionSettings } from './introspection-settings.js';
import { below, urlUnless } from './issuer-url.js';

const JWKS_PATH = '/.well-known/jwks.json';
const DEFAULT_MAX_LIFETIME_SECONDS = 3600;
const RFC_9068_NAMES = { clientId: 'client_id', tokenId: 'jti', scope: 'scope' };

/** The options of one issuer, checked and complete. */
export interface IssuerSettings {
  readonly rules: ClaimRules;
  readonly tokenTypes: ReadonlySet<string>;
  readonly transactionRules: TransactionRules | undefined;
  /** The URL of the key set, or a function that returns it. */
  readonly keys: string | KeySetSource;
  readonly introspection: IntrospectionSettings | undefined;
}

/** The options that `issuers` replaces. */
const ISSUER_OPTIONS = [
  'issuer',
  'audience',
  'jwksUri',
  'keys',
  'tokenTypes',
  'maxLifetimeSeconds',
  'introspection',
  'claimNames',
  'transactionTokens',
] as const satisfies readonly (keyof TrustedIssuer)[];

const someIssuers: OptionRule<readonly TrustedIssuer[]> = {
  allowed: 'a non-empty array of issuers',
  accepts: (value): value is readonly TrustedIssuer[] => Array.isArray(value) && value.length > 0,
};

/** @throws TypeError that names the missing or invalid option */
export function readIssuers(options: VerifierOptions): readonly IssuerSettings[] {
  if (options.issuers === undefined) return [readIssuer('', options)];
  for (const name of ISSUER_OPTIONS)
    if (options[name] !== undefined) throw conflict(name, 'issuers');
  const all = option('issuers', options.issuers, someIssuers).map((trusted, index) => {
    const name = `issuers[${index}]`;
    option(name, trusted, anObject);
    return readIssuer(`${name}.`, trusted);
  });
  const names = all.map(({ rules }) => rules.issuer);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`issuers lists ${twice} twice`);
  if (all.filter(({ transactionRules }) => transactionRules).length > 1)
    throw new TypeError('transactionTokens can be accepted from one of the issuers only');
  return all;
}

/** @param at the prefix of the options' names */
function readIssuer(at: string, trusted: TrustedIssuer): IssuerSettings {
  const issuer = option(`${at}issuer`, trusted.issuer, nonEmptyString);
  const audience = option(`${at}audience`, trusted.audience, nonEmptyStrings);
  const { maxLifetimeSeconds, tokenTypes } = trusted;
  const claimNames = readClaimNames(`${at}claimNames`, trusted.claimNames);
  return {
    rules: {
      issuer,
      audiences: new Set([audience].flat()),
      maxLifetimeSeconds: option(
        `${at}maxLifetimeSeconds`,
        maxLifetimeSeconds,
        positiveSeconds,
        DEFAULT_MAX_LIFETIME_SECONDS,
      ),
      claimNames,
    },
    tokenTypes: readTokenTypes(`${at}tokenTypes`, tokenTypes),
    transactionRules: readTransactionRules(`${at}transactionTokens`, trusted, claimNames.tokenId),
    keys: readKeys(at, trusted),
    introspection: readIntrospection(at, trusted),
  };
}

/** A transaction token is not an access token (draft-ietf-oauth-transaction-tokens-10, "Security"). */
const tokenTypesRule: OptionRule<string | readonly string[]> = {
  allowed: `${nonEmptyStrings.allowed}, without ${TRANSACTION_TOKEN_TYPE}`,
  accepts: (value): value is string | readonly string[] =>
    nonEmptyStrings.accepts(value) &&
    ![value].flat().some((type) => mediaSubtype(type) === TRANSACTION_TOKEN_TYPE),
};

function readTokenTypes(name: string, given: TrustedIssuer['tokenTypes']): ReadonlySet<string> {
  const types = option(name, given, tokenTypesRule, [ACCESS_TOKEN_TYPE]);
  return new Set([types].flat().map(mediaSubtype));
}

function readTransactionRules(
  name: string,
  { issuer, transactionTokens }: TrustedIssuer,
  tokenIdName: string | null,
): TransactionRules | undefined {
  if (transactionTokens === undefined) return undefined;
  const { trustDomain, maxLifetimeSeconds } = option(
    name,
    transactionTokens,
    anObject,
  ) as Partial<TransactionTokenOptions>;
  return {
    issuer,
    trustDomain: option(`${name}.trustDomain`, trustDomain, nonEmptyString),
    maxLifetimeSeconds: option(
      `${name}.maxLifetimeSeconds`,
      maxLifetimeSeconds,
      positiveSeconds,
      MAX_TRANSACTION_TOKEN_LIFETIME_SECONDS,
    ),
    tokenIdName,
  };
}

function readKeys(at: string, { issuer, jwksUri, keys }: TrustedIssuer): string | KeySetSource {
  if (keys !== undefined) {
    if (jwksUri !== undefined) throw conflict(`${at}jwksUri`, `${at}keys`);
    return option(`${at}keys`, keys, aFunction<KeySetSource>());
  }
  if (jwksUri !== undefined) return String(option(`${at}jwksUri`, jwksUri, httpUrl));
  option(`${at}issuer`, issuer, urlUnless('jwksUri or keys'));
  return below(issuer, JWKS_PATH);
}

const claimName: OptionRule<string | null> = {
  allowed: 'the name of a claim, or null if the issuer has no such claim',
  accepts: (value): value is string | null => value === null || nonEmptyString.accepts(value),
};

function readClaimNames(name: string, names: ClaimNames | undefined): Required<ClaimNames> {
  const { clientId, tokenId, scope } = option(name, names, anObject, {}) as ClaimNames;
  return {
    clientId: option(`${name}.clientId`, clientId, claimName, RFC_9068_NAMES.clientId),
    tokenId: option(`${name}.tokenId`, tokenId, claimName, RFC_9068_NAMES.tokenId),
    scope: option(`${name}.scope`, scope, nonEmptyString, RFC_9068_NAMES.scope),
  };
}
