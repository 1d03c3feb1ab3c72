import { REVOCATION_MIN_POSITION_HEADER, TRANSACTION_TOKEN_HEADER } from '@latchkey/contracts';
import { readProblem } from './call-reply.js';
import type { CallRequest } from './call-request.js';
import { Circuit, type CircuitOptions, type CircuitReport } from './circuit.js';
import type { Deadline } from './deadline.js';
import { ServiceUnavailableError } from './errors.js';
import { exchange, retryAfterSecondsOf, type Answer } from './http-exchange.js';
import { withRetries } from './retries.js';
import type { TransactionTokens } from './service-tokens.js';

/** The tokens of one attempt. */
export type CallTokens = Pick<TransactionTokens, 'accessToken'> & Partial<TransactionTokens>;

/** An answer that is not a 5xx, and the tokens that it answers. */
export interface Sent {
  readonly answer: Answer;
  readonly tokens: CallTokens;
}

/** How a service is called. */
export interface CallSettings {
  readonly service: string;
  readonly retries: number;
  readonly maxReplyBytes: number;
  readonly circuit: CircuitOptions;
}

/** Sends requests to one service: again if that helps, and not at all while the service fails repeatedly. */
export class CallSender {
  readonly #circuit: Circuit;

  constructor(private readonly settings: CallSettings) {
    this.#circuit = new Circuit(settings.service, settings.circuit);
  }

  /** Whether the service is called at the moment. */
  get circuit(): CircuitReport {
    return this.#circuit.state;
  }

  /**
   * Sends a request.
   *
   * @param tokensNow returns the tokens before each attempt: a log-out may have arrived in the pause before it
   * @throws ServiceTokenError, ServiceUnavailableError
   */
  send(
    url: string,
    request: CallRequest,
    tokensNow: () => Promise<CallTokens>,
    deadline: Deadline,
  ): Promise<Sent> {
    const { service, retries } = this.settings;
    return withRetries(request.isIdempotent ? retries : 0, deadline, async () => {
      const tokens = await tokensNow();
      const answer = await this.#circuit.run(deadline, () =>
        this.#attempt(url, request, tokens, deadline),
      );
      if (answer.status >= 500) throw serverError(service, answer);
      return { answer, tokens };
    });
  }

  /** @throws ServiceUnavailableError for a failure of the service */
  async #attempt(
    url: string,
    request: CallRequest,
    { accessToken, transactionToken }: CallTokens,
    deadline: Deadline,
  ): Promise<Answer> {
    const { service, maxReplyBytes } = this.settings;
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${accessToken}`);
    if (transactionToken !== undefined) headers.set(TRANSACTION_TOKEN_HEADER, transactionToken);
    const init = { ...request.init, headers };
    const answer = await exchange(service, url, init, deadline, maxReplyBytes);
    if (answer.status >= 500 && !isAboutPosition(request, answer))
      throw serverError(service, answer);
    return answer;
  }
}

/**
 * Whether the service has not reached the position that the caller named. Everyone can name one that does not exist,
 * so this is no sign that the service fails: otherwise one caller could keep all others from it.
 */
function isAboutPosition({ headers }: CallRequest, { status, text }: Answer): boolean {
  const isPossible = status === 503 && headers.has(REVOCATION_MIN_POSITION_HEADER);
  return isPossible && readProblem(text)?.code === 'revocations_behind';
}

function serverError(service: string, { status, headers }: Answer): ServiceUnavailableError {
  const retryAfterSeconds = retryAfterSecondsOf(headers);
  return new ServiceUnavailableError(service, 'server_error', {
    status,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
