import {
  IDEMPOTENCY_KEY_HEADER,
  REQUEST_ID_HEADER,
  REVOCATION_MIN_POSITION_HEADER,
} from '@latchkey/contracts';

/**
 * Headers of the request that is being answered, which calls on its behalf pass on: its id, its trace (W3C
 * Trace Context §3), the revocations that its caller has seen, and its idempotency key.
 */
export const PASSED_ON_HEADERS = [
  REQUEST_ID_HEADER,
  'traceparent',
  'tracestate',
  REVOCATION_MIN_POSITION_HEADER,
  IDEMPOTENCY_KEY_HEADER,
] as const;

/** The headers of the current request, by any spelling of their names. */
export type CallContext = () => Readonly<Record<string, string | undefined>>;

/**
 * Picks the headers to pass on, so that credentials in the context stay where they are.
 *
 * @param isForUser whether the call is for the user of the request, who alone chooses its idempotency key
 */
export function passedOnHeaders(context: CallContext | undefined, isForUser: boolean): Headers {
  const headers = new Headers();
  const names: readonly string[] = PASSED_ON_HEADERS;
  for (const [name, value] of Object.entries(context?.() ?? {}))
    if (value !== undefined && names.includes(name.toLowerCase())) headers.set(name, value);
  if (!isForUser) headers.delete(IDEMPOTENCY_KEY_HEADER);
  return headers;
}
