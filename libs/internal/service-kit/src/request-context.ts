import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  REQUEST_ID_HEADER,
  REVOCATION_MIN_POSITION_HEADER,
  REVOCATION_POSITION_PATTERN,
} from '@latchkey/contracts';
import { TRACEPARENT_HEADER, traceparentOf } from '@latchkey/contracts/diagnostics';
import { currentSpan } from './tracing/current-span.js';

/** The source of a request, as Fastify reports it. `ips` lists the nearest address first, if a proxy is trusted. */
export interface RequestSource {
  readonly ip: string;
  readonly ips?: readonly string[] | undefined;
}

interface RequestContext {
  readonly requestId: string;
  readonly source?: RequestSource;
  readonly minPosition?: string;
  readonly traceparent?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The id of the current request, if any. */
export function currentRequestId(): string | undefined {
  return storage.getStore()?.requestId;
}

/** The source of the current request, if any. */
export function currentSource(): RequestSource | undefined {
  return storage.getStore()?.source;
}

/** The headers of the current request that calls to other services pass on. */
export function currentCallContext(): Readonly<Record<string, string | undefined>> {
  const { requestId, minPosition } = storage.getStore() ?? {};
  return {
    [REQUEST_ID_HEADER]: requestId,
    [REVOCATION_MIN_POSITION_HEADER]: minPosition,
    [TRACEPARENT_HEADER]: callersTraceparent(),
  };
}

/**
 * The caller's `traceparent`, if it sent a valid one. Calls to other services pass it on while traces are off, so that
 * the caller's trace goes on behind this service; while they are on, each call sends its own.
 */
function callersTraceparent(): string | undefined {
  return currentSpan() === undefined ? storage.getStore()?.traceparent : undefined;
}

/** Runs `work` in the context of a request. */
export function withRequestContext<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}

/** Parses `Revocation-Min-Position`. A malformed value is left to the guard, which refuses it. */
export function minPositionFrom(header: string | readonly string[] | undefined) {
  return typeof header === 'string' && REVOCATION_POSITION_PATTERN.test(header)
    ? { minPosition: header }
    : {};
}

/** Parses `traceparent` (W3C Trace Context). A malformed or repeated one is ignored. */
export function traceparentFrom(header: string | readonly string[] | undefined) {
  const traceparent = typeof header === 'string' ? traceparentOf([header]) : undefined;
  return traceparent === undefined ? {} : { traceparent };
}

/** Safe in log lines and headers. */
const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's request id if it is safe, otherwise a new one. */
export function requestIdFrom(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && ACCEPTABLE.test(header) ? header : randomUUID();
}
