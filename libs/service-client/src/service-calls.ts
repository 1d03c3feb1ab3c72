import type { CallReply } from './call-reply.js';
import type { CallOptions, Method } from './call-request.js';

/** Sends one call of {@link ServiceCalls}. */
export type Call = <Output>(
  method: Method,
  path: string,
  body: unknown,
  options: CallOptions<Output>,
) => Promise<CallReply<Output>>;

/** Calls a service for one subject. All methods throw what `ServiceClient.for()` says. */
export class ServiceCalls {
  readonly #call: Call;

  /** Called by the client. */
  constructor(call: Call) {
    this.#call = call;
  }

  /** Sends a GET. */
  get<Output>(path: string, options: CallOptions<Output> = {}): Promise<CallReply<Output>> {
    return this.#call('GET', path, undefined, options);
  }

  /** Sends a HEAD, whose answer has no body. */
  head(path: string, options: CallOptions<undefined> = {}): Promise<CallReply<undefined>> {
    return this.#call('HEAD', path, undefined, options);
  }

  /** Sends a DELETE. */
  delete<Output>(path: string, options: CallOptions<Output> = {}): Promise<CallReply<Output>> {
    return this.#call('DELETE', path, undefined, options);
  }

  /** Sends a POST, with a body as JSON. It is repeated only with `idempotencyKey` or `idempotent`. */
  post<Output>(
    path: string,
    body?: unknown,
    options: CallOptions<Output> = {},
  ): Promise<CallReply<Output>> {
    return this.#call('POST', path, body, options);
  }

  /** Sends a PUT, with a body as JSON. */
  put<Output>(
    path: string,
    body?: unknown,
    options: CallOptions<Output> = {},
  ): Promise<CallReply<Output>> {
    return this.#call('PUT', path, body, options);
  }

  /** Sends a PATCH, with a body as JSON. It is repeated only with `idempotencyKey` or `idempotent`. */
  patch<Output>(
    path: string,
    body?: unknown,
    options: CallOptions<Output> = {},
  ): Promise<CallReply<Output>> {
    return this.#call('PATCH', path, body, options);
  }
}
