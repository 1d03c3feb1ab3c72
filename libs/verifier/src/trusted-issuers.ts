import { ACCESS_TOKEN_TYPE } from '@latchkey/contracts';
import { TokenError } from './errors.js';
import { Introspection } from './introspection/introspection.js';
import { mediaSubtype } from './jws/jose-header.js';
import { KeySet } from './keys/key-set.js';
import { remoteIntrospection } from './introspection/remote-introspection.js';
import { remoteKeySet } from './keys/remote-key-set.js';
import type { ConfigurationWarnings } from './configuration-warnings.js';
import type { Trust } from './trust.js';
import type { TrustedIssuer, VerifierOptions } from './verifier-options.js';

const INTROSPECTION_PATH = '/oauth/introspect';
const DEFAULT_INTROSPECTION_TIMEOUT_SECONDS = 2;
const JWKS_PATH = '/.well-known/jwks.json';
const DEFAULT_MAX_LIFETIME_SECONDS = 3600;
const RFC_9068_NAMES = { clientId: 'client_id', tokenId: 'jti', scope: 'scope' };
const KEY_SET_DEFAULTS = {
  refreshAfterSeconds: 300,
  maxAgeSeconds: 86_400,
  cooldownSeconds: 30,
  timeoutSeconds: 5,
};

/** The trusted issuers of a verifier, by their exact identifier. */
export class TrustedIssuers {
  readonly #byName = new Map<string, Trust>();

  /** @throws TypeError that names the missing or invalid option */
  constructor(options: VerifierOptions, warnings: ConfigurationWarnings) {
    const issuers = 'issuers' in options ? options.issuers : [options];
    if (issuers.length === 0) throw new TypeError('issuers must contain at least one issuer');
    for (const issuer of issuers) {
      if (this.#byName.has(issuer.issuer)) {
        throw new TypeError(`issuers contains ${issuer.issuer} twice`);
      }
      this.#byName.set(issuer.issuer, trust(issuer, options, warnings));
    }
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
  trusted: TrustedIssuer,
  options: VerifierOptions,
  warnings: ConfigurationWarnings,
): Trust {
  const { issuer } = trusted;
  const audiences = requireTexts('audience', trusted.audience);
  requireTexts('issuer', issuer);
  const types = requireTexts('tokenTypes', trusted.tokenTypes ?? [ACCESS_TOKEN_TYPE]);
  const { maxLifetimeSeconds = DEFAULT_MAX_LIFETIME_SECONDS } = trusted;
  requirePositive('maxLifetimeSeconds', maxLifetimeSeconds);
  const claimNames = { ...RFC_9068_NAMES, ...trusted.claimNames };
  for (const [name, claim] of Object.entries(claimNames)) requireClaimName(name, claim);
  if (!isText(claimNames.scope))
    throw new TypeError('claimNames.scope must be the name of a claim');
  return {
    rules: { issuer, audiences: new Set(audiences), maxLifetimeSeconds, claimNames },
    tokenTypes: new Set(types.map(mediaSubtype)),
    keySet: keySetOf(trusted, options, warnings),
    introspection: introspectionOf(trusted),
  };
}

function keySetOf(
  trusted: TrustedIssuer,
  options: VerifierOptions,
  warnings: ConfigurationWarnings,
): KeySet {
  const settings = { ...KEY_SET_DEFAULTS, ...options.keySet };
  for (const [name, value] of Object.entries(settings)) requirePositive(`keySet.${name}`, value);
  const { issuer, keys } = trusted;
  const jwksUri = String(trusted.jwksUri ?? below(issuer, JWKS_PATH));
  if (!keys && !URL.canParse(jwksUri)) throw new TypeError(`jwksUri is not a URL: ${jwksUri}`);
  return new KeySet(keys ?? remoteKeySet(jwksUri), {
    ...settings,
    now: options.now ?? (() => Date.now()),
    onFetch: (outcome) => {
      if (!outcome.ok) warnings.keySetFailed(issuer, keys ? undefined : jwksUri, outcome.cause);
      options.onKeySetFetch?.({ issuer, ...outcome });
    },
  });
}

function introspectionOf({ issuer, introspection }: TrustedIssuer): Introspection | undefined {
  if (introspection === undefined) return undefined;
  const { timeoutSeconds = DEFAULT_INTROSPECTION_TIMEOUT_SECONDS } = introspection;
  requirePositive('introspection.timeoutSeconds', timeoutSeconds);
  if ('introspect' in introspection)
    return new Introspection(introspection.introspect, timeoutSeconds);
  requireTexts('introspection.clientId', introspection.clientId);
  requireTexts('introspection.clientSecret', introspection.clientSecret);
  const url = String(introspection.url ?? below(issuer, INTROSPECTION_PATH));
  if (!URL.canParse(url)) throw new TypeError(`introspection.url is not a URL: ${url}`);
  return new Introspection(remoteIntrospection(url, introspection), timeoutSeconds);
}

/** Joins them with exactly one slash. */
const below = (issuer: string, path: string) => issuer.replace(/\/$/, '') + path;

function requireTexts(option: string, value: string | readonly string[]): readonly string[] {
  const texts: readonly string[] = typeof value === 'string' ? [value] : (value ?? []);
  if (texts.length === 0 || !texts.every(isText)) {
    throw new TypeError(`${option} must be a non-empty string or a non-empty list of them`);
  }
  return texts;
}

function requireClaimName(option: string, value: unknown): void {
  if (value !== null && !isText(value)) {
    throw new TypeError(`claimNames.${option} must be the name of a claim, or null for none`);
  }
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';

function requirePositive(option: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) {
    throw new TypeError(`${option} must be a positive number of seconds`);
  }
}
