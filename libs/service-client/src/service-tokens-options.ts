import {
  readClientAuthentication,
  type ClientAuthentication,
  type ClientAuthenticationOptions,
} from '@latchkey/contracts/client-authentication';
import {
  aFunction,
  anObject,
  isolated,
  nonEmptyString,
  nonNegativeInteger,
  oneOf,
  option,
  optional,
  timerSeconds,
  type OptionRule,
} from '@latchkey/contracts/options';
import type { Clock } from './cached-token.js';
import type { BulkheadOptions } from './bulkhead.js';
import type { CircuitOptions } from './circuit.js';
import type { ServiceTokenError, UnavailableReason } from './errors.js';
import { serverUrl } from './http-url.js';
import type { Revocations } from './revocation-lookup.js';

/** A request to the issuer, for logs and metrics. It contains neither tokens nor secrets. */
export type ServiceTokenEvent =
  | {
      readonly type: 'token_obtained';
      readonly grant: ServiceTokenError['grant'];
      readonly audience: string;
      readonly milliseconds: number;
    }
  | {
      readonly type: 'token_refused';
      readonly grant: ServiceTokenError['grant'];
      readonly audience: string;
      /** The code of the issuer, or one of {@link ServiceTokenError}. */
      readonly code: string;
      readonly description: string;
    }
  | {
      readonly type: 'issuer_unavailable';
      readonly grant: ServiceTokenError['grant'];
      readonly audience: string;
      readonly reason: UnavailableReason;
    };

/** Options of {@link createServiceTokens}. */
export interface ServiceTokensOptions {
  /** The issuer, exactly as in `iss`. Its token endpoint is found by RFC 8414 or OpenID Connect Discovery. */
  readonly issuer: string;
  /** `client_id` of this service at the issuer. */
  readonly clientId: string;
  /** How this service authenticates at the issuer. */
  readonly authentication: ClientAuthenticationOptions;
  /**
   * The deny-list of this service's verifier, such as `DenyList` of `@latchkey/deny-list`: a token is not
   * used from the moment at which the list contains its session, its subject token, its user, its client
   * or its key. Or `ignore`, to use cached tokens until they expire. Required: the choice is yours.
   */
  readonly revocations: Revocations;
  /** The trust domain of this service, for transaction tokens. Required for `beginTransaction()`. */
  readonly trustDomain?: string;
  /** The token endpoint, if it need not be discovered. */
  readonly tokenEndpoint?: string | URL;
  /**
   * The parameter that names the target: `audience` (RFC 8693 §2.1), or `resource` (RFC 8707 §2) for a
   * server that knows only that. Default: `audience`.
   */
  readonly audienceParameter?: 'audience' | 'resource';
  /** Allow plain HTTP to other machines, as inside a private network. Default: false. */
  readonly allowHttp?: boolean;
  /** The number of tokens that are kept, at about 2 KiB each. Default: 10,000. */
  readonly maxEntries?: number;
  /** The time for one request to the issuer, including its wait and a retry. Default: 5. */
  readonly timeoutSeconds?: number;
  /** When a failing token endpoint is no longer called. */
  readonly circuit?: CircuitOptions;
  /** How many requests to the token endpoint are sent at a time, and how many may wait. */
  readonly bulkhead?: BulkheadOptions;
  /** Called after each request to the issuer. */
  readonly onEvent?: (event: ServiceTokenEvent) => void;
  /** The wall clock, in milliseconds since 1970; for tests. Default: `Date.now`. */
  readonly now?: () => number;
  /** A clock that is never set, in milliseconds; for tests. Default: `performance.now`. */
  readonly monotonicNow?: () => number;
}

/** The options, checked and complete. */
export interface ServiceTokensSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly revocations: Revocations;
  readonly trustDomain: string | undefined;
  readonly tokenEndpoint: URL | undefined;
  readonly audienceParameter: 'audience' | 'resource';
  readonly allowHttp: boolean;
  readonly maxEntries: number;
  readonly timeoutMilliseconds: number;
  readonly circuit: CircuitOptions;
  readonly bulkhead: BulkheadOptions;
  readonly onEvent: (event: ServiceTokenEvent) => void;
  readonly clock: Clock;
}

/**
 * Checks the options, and fills in the defaults.
 *
 * @throws TypeError that names the missing or invalid option, and never quotes a secret
 */
export function readServiceTokensOptions(options: ServiceTokensOptions): ServiceTokensSettings {
  option('options', options, anObject);
  const allowHttp = option('allowHttp', options.allowHttp, aBoolean, false);
  serverUrl('issuer', options.issuer, allowHttp);
  const issuer = option('issuer', options.issuer, nonEmptyString);
  const clientId = option('clientId', options.clientId, nonEmptyString);
  const { authentication, tokenEndpoint, onEvent } = options;
  return {
    issuer,
    clientId,
    authentication: readClientAuthentication('authentication', authentication, {
      clientId,
      issuer,
    }),
    revocations: option('revocations', options.revocations, revocationsRule),
    trustDomain: optional('trustDomain', options.trustDomain, nonEmptyString),
    tokenEndpoint:
      tokenEndpoint === undefined
        ? undefined
        : serverUrl('tokenEndpoint', tokenEndpoint, allowHttp),
    audienceParameter: option(
      'audienceParameter',
      options.audienceParameter,
      oneOf('audience', 'resource'),
      'audience',
    ),
    allowHttp,
    maxEntries: option('maxEntries', options.maxEntries, positiveInteger, 10_000),
    timeoutMilliseconds: option('timeoutSeconds', options.timeoutSeconds, timerSeconds, 5) * 1000,
    circuit: readCircuitOptions(options.circuit),
    bulkhead: readBulkheadOptions(options.bulkhead),
    onEvent: isolated('onEvent', optional('onEvent', onEvent, aFunction<typeof onEvent & {}>())),
    clock: {
      now: option('now', options.now, aFunction<() => number>(), () => Date.now()),
      monotonicNow: option('monotonicNow', options.monotonicNow, aFunction<() => number>(), () =>
        performance.now(),
      ),
    },
  };
}

/**
 * Checks the options of a circuit.
 *
 * @throws TypeError that names the invalid option
 */
export function readCircuitOptions(given: CircuitOptions | undefined): CircuitOptions {
  const circuit: CircuitOptions = option('circuit', given, anObject, {});
  optional('circuit.failures', circuit.failures, positiveInteger);
  optional('circuit.pauseMilliseconds', circuit.pauseMilliseconds, timerMilliseconds);
  optional('circuit.maxPauseMilliseconds', circuit.maxPauseMilliseconds, timerMilliseconds);
  return circuit;
}

function readBulkheadOptions(given: BulkheadOptions | undefined): BulkheadOptions {
  const bulkhead: BulkheadOptions = option('bulkhead', given, anObject, {});
  optional('bulkhead.limit', bulkhead.limit, positiveInteger);
  optional('bulkhead.queue', bulkhead.queue, nonNegativeInteger);
  return bulkhead;
}

/** A duration that a timer measures. */
export const timerMilliseconds: OptionRule<number> = {
  allowed: 'a positive number of milliseconds, at most 24 days',
  accepts: (value): value is number =>
    typeof value === 'number' && timerSeconds.accepts(value / 1000),
};

/** The text 'false' of an environment variable is not false. */
export const aBoolean: OptionRule<boolean> = {
  allowed: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
};

const positiveInteger: OptionRule<number> = {
  allowed: 'a positive integer',
  accepts: (value): value is number => Number.isSafeInteger(value) && (value as number) > 0,
};

const revocationsRule: OptionRule<Revocations> = {
  allowed: "'ignore' or a deny-list, such as DenyList of @latchkey/deny-list",
  accepts: (value): value is Revocations =>
    value === 'ignore' ||
    (typeof value === 'object' &&
      value !== null &&
      typeof (value as { isRevoked?: unknown }).isRevoked === 'function'),
};
