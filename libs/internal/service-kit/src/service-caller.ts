import { Problem, REQUEST_ID_HEADER, REVOCATION_MIN_POSITION_HEADER } from '@latchkey/contracts';
import type { z } from 'zod';
import { unavailable } from './problem-error.js';
import { currentMinPosition, currentRequestId } from './request-context.js';

const TRY_MILLISECONDS = 2_000;
const RETRY_PAUSE_MILLISECONDS = 100;

/** Another service said no. */
export class CallFailedError extends Error {
  override readonly name = 'CallFailedError';
  constructor(
    readonly service: string,
    readonly status: number,
    /** What it said, if it said it as a problem document. */
    readonly problem: Problem | undefined,
  ) {
    super(`${service} answered ${status}`);
  }
}

export interface Call<Reply extends z.ZodType> {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  /** The headers by which the other service knows in whose name it is called. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly reply: Reply;
  /** Only what may safely happen twice is tried again. Default: GET. */
  readonly retries?: number;
}

/** Calls one other service in the name of the user, with a bound on the time that takes. */
export class ServiceCaller {
  constructor(
    private readonly service: string,
    private readonly baseUrl: string,
    private readonly tryMilliseconds = TRY_MILLISECONDS,
  ) {}

  /**
   * @throws CallFailedError a 4xx of the other service
   * @throws ProblemError 503 when it cannot be reached, fails, or does not answer in time
   */
  async call<Reply extends z.ZodType>(call: Call<Reply>): Promise<z.infer<Reply>> {
    const { retries = (call.method ?? 'GET') === 'GET' ? 1 : 0 } = call;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#try(call);
      } catch (error) {
        if (error instanceof CallFailedError || attempt >= retries) throw this.#asProblem(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MILLISECONDS));
      }
    }
  }

  async #try<Reply extends z.ZodType>(call: Call<Reply>): Promise<z.infer<Reply>> {
    const requestId = currentRequestId();
    const minPosition = currentMinPosition();
    const response = await fetch(this.baseUrl + call.path, {
      method: call.method ?? 'GET',
      redirect: 'error',
      signal: AbortSignal.timeout(this.tryMilliseconds),
      headers: {
        accept: 'application/json',
        ...call.credentials,
        ...(requestId !== undefined && { [REQUEST_ID_HEADER]: requestId }),
        ...(minPosition !== undefined && { [REVOCATION_MIN_POSITION_HEADER]: minPosition }),
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

async function readProblem(response: Response): Promise<Problem | undefined> {
  const text = await response.text();
  try {
    return Problem.parse(JSON.parse(text));
  } catch {
    // Not every answer on the way is one of ours; the status says enough.
    return undefined;
  }
}
