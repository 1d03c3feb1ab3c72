/** How long a call may take. A service whose database is down answers within its own, shorter limits. */
const TIMEOUT_MILLISECONDS = 8_000;

/** A request by the page. */
export interface CallOptions {
  /** Default `POST` with a body, else `GET`. */
  readonly method?: string;
  /** An access token, sent as a bearer token. */
  readonly token?: string | undefined;
  /** Sends the session cookie, and keeps one that is set. Otherwise, none is sent. */
  readonly cookie?: boolean;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response, or that there was none. */
export interface Answer {
  /** 0 if nothing answered, or if the browser withheld the response. */
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if it is JSON, else undefined. */
  readonly body: unknown;
  /** When the headers of the response had arrived, by `performance.now()`. */
  readonly at: number;
}

/** Sends a request. A failure of the network is an answer as well, because this page watches failures. */
export async function call(url: string | URL, options: CallOptions = {}): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...encoded(options),
      credentials: options.cookie ? 'include' : 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    const at = performance.now();
    return { status: response.status, headers: response.headers, body: await bodyOf(response), at };
  } catch {
    return { status: 0, headers: new Headers(), body: undefined, at: performance.now() };
  }
}

function encoded({ method, token, json, form, headers }: CallOptions): RequestInit {
  const body = form ? new URLSearchParams(form) : json === undefined ? null : JSON.stringify(json);
  return {
    method: method ?? (body === null ? 'GET' : 'POST'),
    body,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  };
}

async function bodyOf(response: Response): Promise<unknown> {
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return isJson ? response.json() : undefined;
}

/** A text member of a response's body. */
export function textIn({ body }: Pick<Answer, 'body'>, member: string): string | undefined {
  const value = (body as Record<string, unknown> | null | undefined)?.[member];
  return typeof value === 'string' ? value : undefined;
}
