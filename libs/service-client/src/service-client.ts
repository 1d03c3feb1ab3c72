import {
  aFunction,
  anObject,
  nonEmptyString,
  nonNegativeInteger,
  option,
  optional,
} from '@latchkey/contracts/options';
import type { Principal } from '@latchkey/verifier';
import { readProblem, readReply, type CallReply } from './call-reply.js';
import { callRequest, type CallOptions, type Method } from './call-request.js';
import { CallSender, type CallTokens, type Sent } from './call-sender.js';
import { callUrl } from './call-url.js';
import type { CircuitOptions, CircuitReport } from './circuit.js';
import { closingController, Deadline } from './deadline.js';
import { serverUrl } from './http-url.js';
import { passedOnHeaders, type CallContext } from './passed-on-headers.js';
import { normalizedScopes, type Scopes } from './scope-list.js';
import { ServiceCalls } from './service-calls.js';
import { aBoolean, readCircuitOptions, timerMilliseconds } from './service-tokens-options.js';
import type { ServiceTokens } from './service-tokens.js';

/** Options of {@link createServiceClient}. */
export interface ServiceClientOptions {
  /** The name of the service, for errors. */
  readonly service: string;
  /** The base URL of the service, such as `https://inventory.example.com/api`. */
  readonly baseUrl: string | URL;
  /** `aud` of the tokens for it. Default: the name of the service. */
  readonly audience?: string;
  /** The scopes that its tokens need; as few as possible. */
  readonly scopes: Scopes;
  /** The source of the tokens. */
  readonly tokens: Pick<ServiceTokens, 'own' | 'onBehalfOf' | 'withinTransaction'>;
  /** Allow plain HTTP to another machine, as inside a private network. Default: false. */
  readonly allowHttp?: boolean;
  /** The time for one call: for its token, all attempts, and the pauses between them. Default: 5,000. */
  readonly timeoutMilliseconds?: number;
  /** How often an idempotent call is repeated if it fails for a passing reason. Default: 2. */
  readonly retries?: number;
  /** Longer answers are refused. Default: 10 MiB. */
  readonly maxReplyBytes?: number;
  /** When the failing service is no longer called. */
  readonly circuit?: CircuitOptions;
  /** The headers of the request that is being answered; those of `PASSED_ON_HEADERS` are passed on. */
  readonly context?: CallContext;
}

/** Returns tokens for the service, with another access token than the rejected one. */
type TokenSource = (scopes: Scopes, rejected?: string) => Promise<CallTokens>;

/** Whom a call is for. */
interface CallSubject {
  readonly source: TokenSource;
  readonly isUser: boolean;
}

/** Calls one service, with tokens that are good for nothing else. */
export class ServiceClient {
  readonly #settings: ReturnType<typeof readOptions>;
  readonly #sender: CallSender;
  readonly #closed = closingController();

  /** @throws TypeError that names the missing or invalid option */
  constructor(options: ServiceClientOptions) {
    this.#settings = readOptions(options);
    this.#sender = new CallSender(this.#settings);
  }

  /** The name of the service. */
  get service(): string {
    return this.#settings.service;
  }

  /** Whether the service is called at the moment, for health checks and metrics. */
  get circuit(): CircuitReport {
    return this.#sender.circuit;
  }

  /**
   * Calls for the user of a request. Each call throws
   * - `CallFailedError` if the service answers with a 4xx: respond as your own API says;
   * - `ServiceUnavailableError` if it, or the issuer, cannot be used at the moment: respond with 503;
   * - `ServiceTokenError` if there is no token for it, as after a log-out: respond with 401;
   * - `TypeError` if the call itself is malformed.
   *
   * A call within a transaction has the transaction's scopes: `scopes` does not apply.
   *
   * @param principal as the verifier or a guard returned it, or as `tokens.beginTransaction()` did
   */
  for(principal: Principal): ServiceCalls {
    const { tokens, audience } = this.#settings;
    const source: TokenSource = principal.transaction
      ? (_, rejected) => tokens.withinTransaction(principal, audience, { rejected })
      : async (scopes, rejected) => ({
          accessToken: await tokens.onBehalfOf(principal, audience, scopes, { rejected }),
        });
    return this.#calls({ source, isUser: true });
  }

  /**
   * Calls without a user, with the client's own token. The calls throw as those of {@link for} do. The idempotency
   * key of the context is not passed on, because the called service would take those of all users for this client's.
   */
  own(): ServiceCalls {
    const { tokens, audience } = this.#settings;
    const source: TokenSource = async (scopes, rejected) => ({
      accessToken: await tokens.own(audience, scopes, { rejected }),
    });
    return this.#calls({ source, isUser: false });
  }

  /** Aborts the calls that are under way. Later ones throw `aborted`. */
  close(): void {
    this.#closed.abort();
  }

  #calls(subject: CallSubject): ServiceCalls {
    return new ServiceCalls((...call) => this.#call(subject, ...call));
  }

  async #call<Output>(
    { source, isUser }: CallSubject,
    method: Method,
    path: string,
    body: unknown,
    options: CallOptions<Output>,
  ): Promise<CallReply<Output>> {
    const { service, baseUrl, context, scopes, timeoutMilliseconds } = this.#settings;
    const url = callUrl(baseUrl, path);
    const request = callRequest(method, body, options, passedOnHeaders(context, isUser));
    const milliseconds = option(
      'timeoutMilliseconds',
      options.timeoutMilliseconds,
      timerMilliseconds,
      timeoutMilliseconds,
    );
    const deadline = new Deadline(service, milliseconds, this.#closed.signal, options.signal);
    return deadline.run(async () => {
      const tokensFor = (rejected?: string) => source(options.scopes ?? scopes, rejected);
      let sent = await this.#sender.send(url, request, () => tokensFor(), deadline);
      if (rejectsAccessToken(sent)) {
        const rejected = sent.tokens.accessToken;
        if ((await tokensFor(rejected)).accessToken !== rejected)
          sent = await this.#sender.send(url, request, () => tokensFor(rejected), deadline);
      }
      return readReply(service, sent.answer, options.reply, Object.values(sent.tokens));
    });
  }
}

/**
 * Whether another access token could help. The own token that goes with a transaction token is that of all users, so it
 * must not be given up because one transaction has ended.
 */
function rejectsAccessToken({ answer, tokens }: Sent): boolean {
  if (answer.status !== 401) return false;
  if (tokens.transactionToken === undefined) return true;
  return readProblem(answer.text)?.code !== 'invalid_transaction_token';
}

/** @throws TypeError that names the missing or invalid option */
function readOptions(options: ServiceClientOptions) {
  option('options', options, anObject);
  const service = option('service', options.service, nonEmptyString);
  const allowHttp = option('allowHttp', options.allowHttp, aBoolean, false);
  return {
    service,
    // `href` ends in a slash only if the path does.
    baseUrl: serverUrl('baseUrl', options.baseUrl, allowHttp).href.replace(/\/+$/, ''),
    audience: option('audience', options.audience, nonEmptyString, service),
    scopes: normalizedScopes(options.scopes),
    tokens: option('tokens', options.tokens, anObject) as ServiceClientOptions['tokens'],
    timeoutMilliseconds: option(
      'timeoutMilliseconds',
      options.timeoutMilliseconds,
      timerMilliseconds,
      5_000,
    ),
    retries: option('retries', options.retries, nonNegativeInteger, 2),
    maxReplyBytes: option(
      'maxReplyBytes',
      options.maxReplyBytes,
      nonNegativeInteger,
      10 * 1024 * 1024,
    ),
    circuit: readCircuitOptions(options.circuit),
    context: optional('context', options.context, aFunction<CallContext>()),
  };
}

/**
 * Creates a client of one service, like `new ServiceClient(options)`.
 *
 * @throws TypeError that names the missing or invalid option
 */
export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  return new ServiceClient(options);
}
