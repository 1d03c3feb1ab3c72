import { withoutSecrets } from './causes.js';
import { CallFailedError, ServiceUnavailableError, type ServiceProblem } from './errors.js';
import type { Answer } from './http-exchange.js';
import { validate, type StandardSchema } from './standard-schema.js';

/** A successful answer. */
export interface CallReply<Output> {
  readonly status: number;
  readonly headers: Headers;
  /** The value of the schema or, without one, the JSON or text; undefined for an empty body. */
  readonly body: Output;
}

/**
 * Reads the answer of a service.
 *
 * @param secrets what must not appear in an error, even if the service repeats it
 * @throws CallFailedError for any status but 2xx
 * @throws ServiceUnavailableError `invalid_reply`
 */
export async function readReply<Output>(
  service: string,
  { status, headers, text }: Answer,
  schema: StandardSchema<Output> | undefined,
  secrets: readonly string[],
): Promise<CallReply<Output>> {
  if (status < 200 || status > 299)
    throw new CallFailedError(service, status, readProblem(withoutSecrets(text, secrets)));
  const invalid = (detail: string) =>
    new ServiceUnavailableError(service, 'invalid_reply', { status, detail });
  const isJson = JSON_TYPE.test(headers.get('content-type') ?? '');
  const body = text === '' ? undefined : isJson ? parse(text, invalid) : text;
  if (!schema) return { status, headers, body: body as Output };
  const checked = await validate(schema, body);
  if ('value' in checked) return { status, headers, body: checked.value };
  throw invalid(`the body is wrong at ${checked.wrongAt}`);
}

const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;|$)/i;

/** The error of `JSON.parse` quotes the text. */
function parse(text: string, invalid: (detail: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('the body is not JSON');
  }
}

/** RFC 9457 §3.1: a member of another type is ignored. @returns undefined if it is not an object */
export function readProblem(text: string): ServiceProblem | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // A proxy may have answered; the status is enough.
    return undefined;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return undefined;
  const members = document as Record<string, unknown>;
  const texts = (['type', 'title', 'detail', 'code'] as const).flatMap((name) =>
    typeof members[name] === 'string' ? [[name, members[name]] as const] : [],
  );
  return { ...Object.fromEntries(texts), document: members };
}
