import { SessionError } from '@latchkey/browser';
import { auth } from '../texts/auth.js';

const { errors, problems } = auth;

/** A problem document (RFC 9457). The type of the contracts needs those of Node.js. */
interface Problem {
  readonly title: string;
  readonly code: string;
  readonly detail?: string;
  readonly requestId?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** Why auth did not do what was asked, as sentences for the reader. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  /** @param sentences what happened, and what to do */
  constructor(
    readonly sentences: readonly string[],
    readonly code: string,
    /** Messages by field, such as `/password`. */
    readonly fields: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(sentences.join(' '), options);
  }
}

/** Reads a problem document (RFC 9457), or whatever a proxy in between has answered. */
export async function errorOf(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const problem = await problemIn(response);
  const seconds = Number(headers.get('retry-after'));
  const wait = seconds > 0 ? [errors.wait(seconds)] : [];
  if (!problem) {
    const what = status >= 500 || status === 429 ? errors.unreachable : errors.unexpected(status);
    return new ApiError([what, ...wait], String(status));
  }
  const { code, errors: fields = [], requestId } = problem;
  const reference = status >= 500 && requestId !== undefined ? [errors.reference(requestId)] : [];
  return new ApiError([...sentencesOf(problem), ...wait, ...reference], code, messagesOf(fields));
}

function sentencesOf({ code, title, detail }: Problem): string[] {
  const known: Readonly<Record<string, string>> = problems;
  const sentence = Object.hasOwn(known, code) ? known[code] : undefined;
  if (sentence !== undefined) return [sentence];
  return [asSentence(title), ...(detail === undefined ? [] : [asSentence(detail)])];
}

const asSentence = (text: string) => {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
};

const messagesOf = (fields: NonNullable<Problem['errors']>) =>
  Object.fromEntries(fields.map(({ field, message }) => [field, message]));

/** @returns undefined if it is not a problem document */
async function problemIn(response: Response): Promise<Problem | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  const { title, code } = (body ?? {}) as Partial<Problem>;
  return typeof title === 'string' && typeof code === 'string' ? (body as Problem) : undefined;
}

/** Turns what `fetch` and the session throw into sentences. @param acts whether the request was to change something */
export function failureOf(error: unknown, acts: boolean): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof SessionError)) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    const what = acts ? errors.unknownEffect : late ? errors.late : errors.unreachable;
    return new ApiError([what], 'unreachable', {}, { cause: error });
  }
  const { code, retryAfterSeconds } = error;
  const wait = retryAfterSeconds === undefined ? [] : [errors.wait(retryAfterSeconds)];
  return new ApiError([sentenceOf(code), ...wait], code, {}, { cause: error });
}

function sentenceOf(code: SessionError['code']): string {
  switch (code) {
    case 'logged-out':
    case 'user-changed':
    case 'invalid-credentials':
      return errors[code];
    case 'too-many-attempts':
      return problems.too_many_attempts;
    case 'origin-not-allowed':
      return problems.cross_origin;
    case 'unavailable':
    case 'closed':
      return errors.unreachable;
  }
}
