import { RevocationPendingReply } from '@latchkey/contracts/auth-api';
import type { z } from 'zod';
import { unavailable, type CommandError } from '../errors.js';
import { errorOf, parseJson, unexpectedAnswer, type Answer } from './answer.js';

/** Where to send requests, as whom, and for how long to wait. */
export interface AuthApiOptions {
  /** Without a slash at its end. */
  readonly url: string;
  /** Absent for a log-in. */
  readonly token?: string;
  readonly timeoutSeconds: number;
  readonly fetch: typeof fetch;
}

/** Whether services know of a revocation yet. If not, they may accept access tokens for some time. */
export type Publication =
  | { readonly published: true }
  | { readonly published: false; readonly accessTokensMayLiveSeconds: number };

/** The HTTP API of auth. Each method throws a {@link CommandError} for an answer that is not a success. */
export class AuthApi {
  constructor(private readonly options: AuthApiOptions) {}

  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return this.#parse(await this.#exchange('GET', path), schema);
  }

  /** Sends a request whose answer has a body. */
  async send<Schema extends z.ZodType>(
    method: string,
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    return this.#parse(await this.#exchange(method, path, body), schema);
  }

  /** Sends a request whose answer is 204, or 202 if its revocation is recorded but not published yet. */
  async act(method: string, path: string, body?: unknown): Promise<Publication> {
    const answer = await this.#exchange(method, path, body);
    if (answer.status === 204) return { published: true };
    if (answer.status !== 202) throw unexpectedAnswer(this.options.url, answer);
    const { accessTokensMayLiveSeconds } = this.#parse(answer, RevocationPendingReply);
    return { published: false, accessTokensMayLiveSeconds };
  }

  #parse<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(parseJson(answer.text));
    if (!parsed.success) throw unexpectedAnswer(this.options.url, answer);
    return parsed.data;
  }

  async #exchange(method: string, path: string, body?: unknown): Promise<Answer> {
    const { url, token, timeoutSeconds, fetch } = this.options;
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    let answer: Answer;
    try {
      const response = await fetch(url + path, {
        method,
        headers: {
          accept: 'application/json',
          'user-agent': 'latchkey', // what `sessions list` shows of a log-in
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutSeconds * 1_000),
        ...json,
      });
      answer = { status: response.status, text: await response.text() };
    } catch (cause) {
      throw this.#noAnswer(method, cause);
    }
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw errorOf(url, answer);
  }

  #noAnswer(method: string, cause: unknown): CommandError {
    const { url, timeoutSeconds } = this.options;
    const late = (cause as Error).name === 'TimeoutError';
    const reason = late ? `there was no answer within ${timeoutSeconds} s` : reasonOf(cause);
    // Only a refused connection proves that nothing was done.
    const unknown = method !== 'GET' && !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(reason);
    return unavailable(
      late ? 'auth_timeout' : 'auth_unreachable',
      `Auth cannot be reached at ${url}`,
      {
        detail: unknown ? `${reason}; it is not known whether the request took effect` : reason,
        hint: 'check --url and LATCHKEY_URL, and whether auth is running',
      },
      { cause },
    );
  }
}

/** `fetch` says only that it failed. Its cause says why; if all addresses failed, it has an error for each. */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  if (cause instanceof AggregateError) return reasonOf(new Error('', { cause: cause.errors[0] }));
  if (cause instanceof Error) return cause.message || String((cause as { code?: string }).code);
  return (error as Error).message;
}
