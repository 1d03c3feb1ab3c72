import { IDEMPOTENCY_KEY_HEADER, TRANSACTION_TOKEN_HEADER } from '@latchkey/contracts';
import type { Scopes } from './scope-list.js';
import type { StandardSchema } from './standard-schema.js';

/** Methods of HTTP that a client can repeat without another effect (RFC 9110 §9.2.2). */
const IDEMPOTENT_METHODS: ReadonlySet<Method> = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
/** Headers that the client sets itself. */
const OWN_HEADERS = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'transfer-encoding',
  TRANSACTION_TOKEN_HEADER,
]);

/** The methods that a service can be called with. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Options of one call. */
export interface CallOptions<Output = unknown> {
  /** A schema that the body of the answer must match: of zod, or any other with Standard Schema. */
  readonly reply?: StandardSchema<Output> | undefined;
  /**
   * Sent as `Idempotency-Key`, in place of that of the context. It makes a POST or PATCH safe to repeat. One that
   * was only passed on does not: whoever called this service cannot know whether the called one honours it.
   */
  readonly idempotencyKey?: string | undefined;
  /** Whether the call can be repeated without another effect. Default: by method and idempotency key. */
  readonly idempotent?: boolean | undefined;
  /** Further headers. Credentials and framing cannot be set. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Scopes of the token for this call, in place of the client's. */
  readonly scopes?: Scopes | undefined;
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
  /** The time for the whole call, with retries, in place of the client's. */
  readonly timeoutMilliseconds?: number | undefined;
}

/** A request, but for the token. */
export interface CallRequest {
  readonly init: { readonly method: Method; readonly body?: string };
  readonly headers: Headers;
  readonly isIdempotent: boolean;
}

/**
 * Makes a request.
 *
 * @param passedOn headers of the request that is being answered
 * @throws TypeError for a header that cannot be set, or a body that is not JSON
 */
export function callRequest(
  method: Method,
  body: unknown,
  options: CallOptions,
  passedOn: Headers,
): CallRequest {
  const headers = new Headers(passedOn);
  // The key of a request is not that of the reads which it causes.
  if (IDEMPOTENT_METHODS.has(method)) headers.delete(IDEMPOTENCY_KEY_HEADER);
  headers.set('accept', 'application/json');
  if (body !== undefined) headers.set('content-type', 'application/json');
  const chosen = chosenHeaders(options);
  for (const [name, value] of chosen) headers.set(name, value);
  const isIdempotent =
    options.idempotent ?? (IDEMPOTENT_METHODS.has(method) || chosen.has(IDEMPOTENCY_KEY_HEADER));
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return { init, headers, isIdempotent };
}

/** The headers that the calling code chooses for this call. */
function chosenHeaders({ headers: more = {}, idempotencyKey }: CallOptions): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(more)) {
    if (OWN_HEADERS.has(name.toLowerCase()))
      throw new TypeError(`headers must not contain ${name.toLowerCase()}`);
    headers.set(name, value);
  }
  if (idempotencyKey !== undefined) headers.set(IDEMPOTENCY_KEY_HEADER, idempotencyKey);
  return headers;
}
