import { causeOf } from './causes.js';
import type { Deadline } from './deadline.js';
import { ServiceUnavailableError } from './errors.js';

/** A complete answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends a request and reads the whole answer, within the deadline. Never follows a redirect, which would
 * take the token to another place.
 *
 * @throws ServiceUnavailableError `unreachable`, `deadline`, `aborted`, `invalid_reply`
 */
export async function exchange(
  service: string,
  url: string,
  request: RequestInit,
  deadline: Deadline,
  maxBytes: number,
): Promise<Answer> {
  let response: Response;
  let text: string | undefined;
  try {
    response = await fetch(url, { ...request, redirect: 'manual', signal: deadline.signal });
    text = await readBounded(response, maxBytes);
  } catch (error) {
    if (deadline.signal.aborted) throw deadline.error();
    throw new ServiceUnavailableError(service, 'unreachable', { cause: causeOf(error) });
  }
  const { status, headers } = response;
  if (text !== undefined) return { status, headers, text };
  const detail = `it has more than ${maxBytes} bytes`;
  throw new ServiceUnavailableError(service, 'invalid_reply', { status, detail });
}

/** Reads a body as UTF-8. Drops a byte order mark. @returns undefined if the body is too large */
async function readBounded({ body }: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    // Leaving the loop cancels the body.
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/**
 * Reads `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).
 *
 * @param now milliseconds since 1970
 */
export function retryAfterSecondsOf(headers: Headers, now = Date.now()): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  // Date.parse() accepts far more, such as "5".
  if (!HTTP_DATE.test(value)) return undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
