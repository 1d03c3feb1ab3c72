import { examplesOf, type ApiDocument, type ApiOperation } from './open-api-calls.js';

/** A response to a request without credentials. */
export interface AnonymousAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const CLIENT_MEMBERS = /^client_/;

/**
 * Sends an operation all that it needs but credentials: its example forms without those of the client, an empty JSON
 * object, or nothing.
 *
 * @param url of the service
 */
export async function anonymousAnswers(
  url: string,
  document: ApiDocument,
  { path, method, operation }: { path: string; method: string; operation: ApiOperation },
): Promise<AnonymousAnswer[]> {
  const target = url + path.replaceAll(/\{[^}]+\}/g, 'x');
  const answers: AnonymousAnswer[] = [];
  for (const { type, body } of bodiesOf(document, operation)) {
    const answer = await fetch(target, {
      method: method.toUpperCase(),
      ...(body !== undefined && { body, headers: { 'content-type': type } }),
    });
    const text = await answer.text();
    const mediaType = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const isJson = /json$/.test(mediaType);
    answers.push({
      ...{ status: answer.status, mediaType, headers: answer.headers },
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    });
  }
  return answers;
}

function bodiesOf(
  document: ApiDocument,
  { requestBody }: ApiOperation,
): { type: string; body: string | undefined }[] {
  if (requestBody === undefined) return [{ type: '', body: undefined }];
  if (!(FORM in (requestBody.content ?? {}))) return [{ type: JSON_TYPE, body: '{}' }];
  return examplesOf(document, requestBody).map((example) => {
    const members = Object.entries(example as Record<string, string>);
    const anonymous = members.filter(([name]) => !CLIENT_MEMBERS.test(name));
    return { type: FORM, body: new URLSearchParams(anonymous).toString() };
  });
}
