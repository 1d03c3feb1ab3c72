import { propagation, ROOT_CONTEXT, SpanKind, type Tracer } from '@opentelemetry/api';
import {
  appliedRevocations,
  TRACEPARENT_HEADER,
  type AppliedRevocation,
} from '@latchkey/contracts/diagnostics';

/** Makes a span of each revocation that this process's verifier applies, as the end of its log-out's trace. */
export function traceAppliedRevocations(tracer: Tracer): () => void {
  const onApplied = (message: unknown): void => {
    const { kind, serial, live, traceparent, receivedAtMilliseconds } =
      message as AppliedRevocation;
    if (traceparent === undefined) return;
    const attributes = {
      'messaging.system': 'nats',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.template': 'latchkey.revocations.{kind}.{id}.{serial}',
      'latchkey.revocation.kind': kind,
      'latchkey.revocation.serial': serial,
      'latchkey.revocation.live': live,
    };
    const publication = propagation.extract(ROOT_CONTEXT, { [TRACEPARENT_HEADER]: traceparent });
    const startTime = receivedAtMilliseconds;
    const span = { kind: SpanKind.CONSUMER, startTime, attributes };
    tracer.startSpan('process latchkey.revocations', span, publication).end();
  };
  appliedRevocations.subscribe(onApplied);
  return () => void appliedRevocations.unsubscribe(onApplied);
}
