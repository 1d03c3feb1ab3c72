import { moment } from '../measurement/moment.js';

export interface CallOptions {
  /** Default `POST` with a body, else `GET`. */
  readonly method?: string;
  /** An access token, sent as a bearer token. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** Default 20000. */
  readonly timeoutMs?: number | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if the media type is JSON, else text. */
  readonly body: unknown;
  /** The {@link moment} before the request was sent. */
  readonly sentAt: number;
  /** The {@link moment} at which the whole answer had arrived. */
  readonly answeredAt: number;
}

/**
 * Sends one HTTP request and reads the whole answer, whatever its status.
 * @throws if no answer arrives
 */
export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const { method, timeoutMs = 20_000 } = options;
  const { headers: contentHeaders, body } = encode(options);
  const sentAt = moment();
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    signal: AbortSignal.timeout(timeoutMs),
    headers: { ...authorization(options), ...contentHeaders, ...options.headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const answeredAt = moment();
  const { status, headers } = response;
  const isJson = text !== '' && (headers.get('content-type')?.includes('json') ?? false);
  return { status, headers, body: isJson ? JSON.parse(text) : text, sentAt, answeredAt };
}

const authorization = ({ token }: CallOptions): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

function encode({ json, form }: CallOptions): {
  headers?: Record<string, string>;
  body?: string;
} {
  if (json !== undefined)
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) };
  if (form === undefined) return {};
  const body = new URLSearchParams(form).toString();
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body };
}
