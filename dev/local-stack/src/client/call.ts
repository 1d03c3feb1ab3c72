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
  const { method, token, headers: more, timeoutMs = 20_000, ...content } = options;
  const { type, body } = encode(content);
  const sentAt = moment();
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(type !== undefined && { 'content-type': type }),
      ...more,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const answeredAt = moment();
  const { status, headers } = response;
  const isJson = text !== '' && (headers.get('content-type')?.includes('json') ?? false);
  return { status, headers, body: isJson ? JSON.parse(text) : text, sentAt, answeredAt };
}

function encode({ json, form }: Pick<CallOptions, 'json' | 'form'>): {
  type?: string;
  body?: string;
} {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) };
  if (form === undefined) return {};
  const body = new URLSearchParams(form).toString();
  return { type: 'application/x-www-form-urlencoded', body };
}
