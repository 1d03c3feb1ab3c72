import { REQUEST_ID_HEADER, REVOCATION_MIN_POSITION_HEADER } from '@latchkey/contracts';
import type { OpenAPIObject } from '@nestjs/swagger';
import { callersOf } from './callers.js';
import { methodsOf, responsesOf, type Operation } from './openapi-operations.js';

const TEXT = { type: 'string' } as const;

const RESPONSE_HEADERS = {
  [REQUEST_ID_HEADER]: { description: 'The id of the request, to find it in logs', schema: TEXT },
  'retry-after': {
    description: 'How many seconds to wait before the next attempt',
    schema: { type: 'integer' },
  },
  'www-authenticate': {
    description: 'Which credential is missing or wrong (RFC 9110 §11.6.1, RFC 6750 §3)',
    schema: TEXT,
  },
} as const;
type ResponseHeader = keyof typeof RESPONSE_HEADERS;

const REQUEST_HEADERS = {
  [REQUEST_ID_HEADER]: 'The id of the request in logs. Default: a random one',
  [REVOCATION_MIN_POSITION_HEADER]:
    'The highest `Revocation-Position` that the caller has seen. A service that has not applied it answers 503',
  'x-csrf-token':
    'With a session cookie, from clients that send neither `Origin` nor `Sec-Fetch-Site`: the `csrfToken` of the session',
} as const;
type RequestHeader = keyof typeof REQUEST_HEADERS;

/** Describes the headers that all services read and send, as parts that the operations refer to. */
export function addHeaders(document: OpenAPIObject): void {
  const { parameters = {}, headers = {} } = (document.components ??= {});
  Object.assign(document.components, { parameters, headers });
  for (const { method, operation } of methodsOf(document)) {
    for (const name of requestHeadersOf(method, operation)) {
      parameters[name] = {
        ...{ name, in: 'header', required: false, schema: TEXT },
        description: REQUEST_HEADERS[name],
      };
      const reference = { $ref: `#/components/parameters/${name}` };
      operation.parameters = [...(operation.parameters ?? []), reference];
    }
    for (const [status, response] of Object.entries(responsesOf(operation)))
      for (const name of responseHeadersOf(status)) {
        headers[name] = RESPONSE_HEADERS[name];
        const reference = { $ref: `#/components/headers/${name}` };
        response.headers = { ...response.headers, [name]: reference };
      }
  }
}

function requestHeadersOf(method: string, operation: Operation): RequestHeader[] {
  const { token, session } = callersOf(operation);
  const names: RequestHeader[] = [REQUEST_ID_HEADER];
  if (token) names.push(REVOCATION_MIN_POSITION_HEADER);
  if (session && method !== 'get') names.push('x-csrf-token');
  return names;
}

function responseHeadersOf(status: string): ResponseHeader[] {
  const names: ResponseHeader[] = [REQUEST_ID_HEADER];
  if (status === '401') names.push('www-authenticate');
  if (status === '429' || status === '503') names.push('retry-after');
  return names;
}
