import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { REVOCATION_POSITION_PATTERN } from '@latchkey/contracts';

interface RequestContext {
  readonly requestId: string;
  readonly minPosition?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The id of the request that is being answered, if one is. */
export function currentRequestId(): string | undefined {
  return storage.getStore()?.requestId;
}

/** What the verifiers of this request must have applied, if its caller said so: passed on as it came. */
export function currentMinPosition(): string | undefined {
  return storage.getStore()?.minPosition;
}

/** Runs `work` as part of a request. */
export function withRequestContext<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}

/** The caller's `Revocation-Min-Position`; what is malformed is for the guard to refuse. */
export function minPositionFrom(header: string | readonly string[] | undefined) {
  return typeof header === 'string' && REVOCATION_POSITION_PATTERN.test(header)
    ? { minPosition: header }
    : {};
}

/** Safe in a log line and in a header. */
const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's id if it is harmless, else a new one. */
export function requestIdFrom(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && ACCEPTABLE.test(header) ? header : randomUUID();
}
