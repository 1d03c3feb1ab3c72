import {
  appliedRevocations,
  TRACEPARENT_HEADER,
  traceparentOf,
} from '@latchkey/contracts/diagnostics';
import type { MsgHdrs } from '@nats-io/transport-node';

/** The place of a message in a trace. No header is signed, so nothing but correlation may depend on it. */
export interface MessageTrace {
  readonly traceparent: string | undefined;
  readonly receivedAtMilliseconds: number;
}

/** Reads the trace of a message, if applied revocations are traced. */
export function messageTrace(headers: MsgHdrs | undefined): { readonly trace?: MessageTrace } {
  if (!appliedRevocations.hasSubscribers) return {};
  const traceparent = traceparentOf(headers?.values(TRACEPARENT_HEADER));
  return { trace: { traceparent, receivedAtMilliseconds: Date.now() } };
}
