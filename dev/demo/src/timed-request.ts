/** One answered request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** From sending to the whole answer. */
  readonly milliseconds: number;
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly accessToken?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const TIMEOUT_MILLISECONDS = 15_000;

/** When an answer was asked for and when it was here: times of `performance.now()`. */
export interface TimedAnswer {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly answer: Answer;
}

/** @param request sends it at once */
export async function timed(request: () => Promise<Answer>): Promise<TimedAnswer> {
  const sentAt = performance.now();
  const answer = await request();
  return { answer, sentAt, answeredAt: sentAt + answer.milliseconds };
}

/** Sends a request and times it. A service that does not answer throws. */
export async function send(url: string, request: Request = {}): Promise<Answer> {
  const { method = 'GET', accessToken, body } = request;
  const start = performance.now();
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    headers: {
      ...request.headers,
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const milliseconds = performance.now() - start;
  const { status, headers } = response;
  return { status, headers, body: parse(text), milliseconds };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // an answer without a body, or a page
  }
}
