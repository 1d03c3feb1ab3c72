import {
  ACCESS_TOKEN_TYPE_URI,
  SESSION_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TRANSACTION_TOKEN_TYPE_URI,
} from '@latchkey/contracts/auth-api';
import type { ClientAuthentication } from '@latchkey/contracts/client-authentication';
import type { SubjectToken } from '@latchkey/verifier';
import * as oauth from 'oauth4webapi';
import { fetchWithin, type AuthorizationServer } from './authorization-server.js';
import { Bulkhead, type BulkheadOptions } from './bulkhead.js';
import { withoutSecrets } from './causes.js';
import { Circuit, type CircuitOptions, type CircuitReport } from './circuit.js';
import { Deadline } from './deadline.js';
import { invalidResponse, ServiceTokenError, ServiceUnavailableError } from './errors.js';
import { retryAfterSecondsOf } from './http-exchange.js';
import { withRetries } from './retries.js';
import type { TokenTarget } from './token-target.js';
import type { TransactionRequest } from './transaction.js';

const MAX_RESPONSE_BYTES = 64 * 1024;
const RETRIES = 1;

/** How the endpoint is called. */
export interface TokenEndpointSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** The parameter that names the target: of RFC 8693 §2.1, or of RFC 8707 §2. */
  readonly audienceParameter: 'audience' | 'resource';
  readonly timeoutMilliseconds: number;
  readonly circuit: CircuitOptions;
  readonly bulkhead: BulkheadOptions;
}

const SUBJECT_TOKEN_TYPES = {
  access_token: ACCESS_TOKEN_TYPE_URI,
  session: SESSION_TOKEN_TYPE_URI,
  transaction_token: TRANSACTION_TOKEN_TYPE_URI,
} as const satisfies Record<SubjectToken['type'], string>;

type Grant = 'client_credentials' | typeof TOKEN_EXCHANGE_GRANT;
type Parameters = Record<string, string>;

/** Asks the issuer for tokens (RFC 6749 §4.4, RFC 8693). */
export class TokenEndpoint {
  readonly #circuit: Circuit;
  readonly #bulkhead: Bulkhead;

  constructor(
    private readonly settings: TokenEndpointSettings,
    private readonly server: AuthorizationServer,
    private readonly authentication: ClientAuthentication,
    private readonly closed: AbortSignal,
  ) {
    this.#circuit = new Circuit(settings.issuer, settings.circuit);
    this.#bulkhead = new Bulkhead(settings.issuer, settings.bulkhead);
  }

  /** Whether the endpoint is used at the moment. */
  get circuit(): CircuitReport {
    return this.#circuit.state;
  }

  /** How many requests wait, because enough others are being answered. */
  get waiting(): number {
    return this.#bulkhead.waiting;
  }

  /**
   * A token of the client's own.
   *
   * @throws ServiceTokenError, ServiceUnavailableError
   */
  own(target: TokenTarget): Promise<oauth.TokenEndpointResponse> {
    return this.#request('client_credentials', this.#parametersOf(target), []);
  }

  /**
   * A token to act for the user whose credential this is.
   *
   * @throws ServiceTokenError, ServiceUnavailableError
   */
  exchange(
    { token, type }: SubjectToken,
    target: TokenTarget,
  ): Promise<oauth.TokenEndpointResponse> {
    const parameters = {
      ...this.#parametersOf(target),
      subject_token: token,
      subject_token_type: SUBJECT_TOKEN_TYPES[type],
      requested_token_type: ACCESS_TOKEN_TYPE_URI,
    };
    return this.#request(TOKEN_EXCHANGE_GRANT, parameters, [token]);
  }

  /**
   * A transaction token for the user whose credential this is.
   *
   * @throws ServiceTokenError, ServiceUnavailableError
   */
  transaction(
    { token, type }: SubjectToken,
    { trustDomain, scopes, requestContext, details }: TransactionRequest,
  ): Promise<oauth.TokenEndpointResponse> {
    const parameters = {
      audience: trustDomain,
      scope: scopes.join(' '),
      subject_token: token,
      subject_token_type: SUBJECT_TOKEN_TYPES[type],
      requested_token_type: TRANSACTION_TOKEN_TYPE_URI,
      ...(requestContext !== undefined && { request_context: requestContext }),
      ...(details !== undefined && { request_details: details }),
    };
    return this.#request(TOKEN_EXCHANGE_GRANT, parameters, [token]);
  }

  #parametersOf({ audience, scopes }: TokenTarget): Parameters {
    const { audienceParameter } = this.settings;
    return {
      [audienceParameter]: audience,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    };
  }

  #request(grant: Grant, parameters: Parameters, secrets: readonly string[]) {
    const { issuer, timeoutMilliseconds } = this.settings;
    const deadline = new Deadline(issuer, timeoutMilliseconds, this.closed);
    const attempt = () => this.#attempt(grant, parameters, secrets, deadline);
    // The bulkhead is around the circuit: the time in its queue says nothing about the endpoint.
    return deadline.run(async () => {
      const outcome = await this.#bulkhead.run(deadline, () =>
        withRetries(RETRIES, deadline, () => this.#circuit.run(deadline, attempt)),
      );
      if (outcome instanceof ServiceTokenError) throw outcome;
      return outcome;
    });
  }

  /** Returns a refusal instead of throwing it: to the circuit, it is a sign of life. */
  async #attempt(
    grant: Grant,
    parameters: Parameters,
    secrets: readonly string[],
    deadline: Deadline,
  ): Promise<oauth.TokenEndpointResponse | ServiceTokenError> {
    const server = await this.server.find(deadline);
    const client = { client_id: this.settings.clientId };
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      this.#authenticate,
      grant,
      parameters,
      {
        // The endpoint was checked with the other options.
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: fetchWithin(this.settings.issuer, deadline, MAX_RESPONSE_BYTES),
      },
    );
    const kind = grant === TOKEN_EXCHANGE_GRANT ? 'token_exchange' : grant;
    if (response.status !== 200)
      return this.#refusal(kind, response, [...secrets, ...this.authentication.secrets]);
    return oauth
      .processGenericTokenEndpointResponse(server, client, response, {
        // The type of a transaction token. Where another type is needed, it is refused later.
        recognizedTokenTypes: { n_a: () => undefined },
      })
      .catch((error: unknown) => invalidResponse(kind, describeInvalid(error)));
  }

  readonly #authenticate: oauth.ClientAuth = async (_server, _client, body, headers) => {
    const proof = await this.authentication.prove();
    for (const [name, value] of Object.entries(proof.form)) body.set(name, value);
    for (const [name, value] of Object.entries(proof.headers)) headers.set(name, value);
  };

  /** @throws ServiceUnavailableError for a failure of the endpoint, as opposed to a refusal */
  async #refusal(
    grant: ServiceTokenError['grant'],
    response: Response,
    secrets: readonly string[],
  ): Promise<ServiceTokenError> {
    const { status, headers } = response;
    if (status >= 500 || status === 429) {
      const retryAfterSeconds = retryAfterSecondsOf(headers);
      throw new ServiceUnavailableError(this.settings.issuer, 'server_error', {
        status,
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      });
    }
    const { error, description } = readOAuthError(withoutSecrets(await response.text(), secrets));
    if (error === undefined)
      return invalidResponse(grant, `the token endpoint answered ${status} without an error code`);
    return new ServiceTokenError(error, description ?? `the issuer answered ${status}`, grant);
  }
}

/** Codes and descriptions have these characters (RFC 6749 §5.2). */
const ERROR_CODE = /^[\x20-\x21\x23-\x5B\x5D-\x7E]{1,100}$/;
const MAX_DESCRIPTION_CHARACTERS = 300;

function readOAuthError(text: string): { error?: string; description?: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy may have answered; the caller then reports the status.
    return {};
  }
  const { error, error_description: description } = (body ?? {}) as Record<string, unknown>;
  return {
    ...(typeof error === 'string' && ERROR_CODE.test(error) && { error }),
    ...(typeof description === 'string' && {
      description: description
        .replaceAll(/[^\x20-\x7E]/g, '?')
        .slice(0, MAX_DESCRIPTION_CHARACTERS),
    }),
  };
}

/** The messages of oauth4webapi name the member that is wrong; its causes contain the whole body. */
function describeInvalid(error: unknown): string {
  const isKnown = [oauth.OperationProcessingError, oauth.UnsupportedOperationError, TypeError].some(
    (known) => error instanceof known,
  );
  return isKnown ? (error as Error).message : 'the token response is not one of RFC 6749 §5.1';
}
