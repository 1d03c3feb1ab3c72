import { Problem, REQUEST_ID_HEADER, REVOCATION_MIN_POSITION_HEADER } from '@latchkey/contracts';
import { Backoff } from '@latchkey/contracts/backoff';
import { TRACEPARENT_HEADER } from '@latchkey/contracts/diagnostics';
import type { z } from 'zod';
import { unavailable } from './problem-error.js';
import { callersTraceparent, currentMinPosition, currentRequestId } from './request-context.js';

const TRY_MILLISECONDS = 2_000;
const BACKOFF = { firstMilliseconds: 100, maxMilliseconds: 1_000 };

/** Another service answered with a 4xx. */
export class CallFailedError extends Error {
  override readonly name = 'CallFailedError';
  constructor(
    readonly service: string,
    readonly status: number,
    /** The answer's body, if it was a problem document. */
    readonly problem: Problem | undefined,
  ) {
    super(`${service} answered ${status}`);
  }
}

export interface Call<Reply extends z.ZodType> {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  /** The headers that authenticate the user at the other service. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly reply: Reply;
  /** How often a failed call is retried; only idempotent calls may be. Default: 1 for GET, otherwise 0. */
  readonly retries?: number;
}

/** Calls another service on behalf of the user, with a deadline. */
export class ServiceCaller {
  constructor(
    private readonly service: string,
    private readonly baseUrl: string,
    private readonly tryMilliseconds = TRY_MILLISECONDS,
  ) {}

  /**
   * @throws CallFailedError if the other service answers with a 4xx
   * @throws ProblemError 503 if the other service cannot be reached, fails, or does not answer in time
   */
  async call<Reply extends z.ZodType>(call: Call<Reply>): Promise<z.infer<Reply>> {
    const { retries = (call.method ?? 'GET') === 'GET' ? 1 : 0 } = call;
    const backoff = new Backoff(BACKOFF);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#try(call);
      } catch (error) {
        if (error instanceof CallFailedError || attempt >= retries) throw this.#asProblem(error);
        await backoff.wait();
      }
    }
  }

  async #try<Reply extends z.ZodType>(call: Call<Reply>): Promise<z.infer<Reply>> {
    const response = await fetch(this.baseUrl + call.path, {
      method: call.method ?? 'GET',
      redirect: 'error',
      signal: AbortSignal.timeout(this.tryMilliseconds),
      headers: {
        accept: 'application/json',
        ...call.credentials,
        ...headersOfCaller(),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    });
    if (response.ok) return call.reply.parse(await response.json());
    const problem = await readProblem(response);
    if (response.status < 500) throw new CallFailedError(this.service, response.status, problem);
    throw new Error(`${this.service} answered ${response.status} ${problem?.code ?? ''}`);
  }

  #asProblem(error: unknown): unknown {
    if (error instanceof CallFailedError) return error;
    return unavailable(`${this.service}_unavailable`, `${this.service} cannot be reached`, error);
  }
}

/** What the request that is being answered passes on. */
function headersOfCaller(): Record<string, string> {
  const requestId = currentRequestId();
  const minPosition = currentMinPosition();
  const traceparent = callersTraceparent();
  return {
    ...(requestId !== undefined && { [REQUEST_ID_HEADER]: requestId }),
    ...(minPosition !== undefined && { [REVOCATION_MIN_POSITION_HEADER]: minPosition }),
    ...(traceparent !== undefined && { [TRACEPARENT_HEADER]: traceparent }),
  };
}

async function readProblem(response: Response): Promise<Problem | undefined> {
  const text = await response.text();
  try {
    return Problem.parse(JSON.parse(text));
  } catch {
    // A proxy may have answered; the status is enough.
    return undefined;
  }
}
