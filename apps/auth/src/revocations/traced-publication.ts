import { TRACEPARENT_HEADER } from '@latchkey/contracts/diagnostics';
import { traced } from '@latchkey/service-kit';
import type { JetStreamPublishOptions } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { NumberedRevocation } from './serial-numbers.js';

type TraceHeaders = Partial<Pick<JetStreamPublishOptions, 'headers'>>;

/**
 * Publishes a revocation in the trace of the request that caused it, if traces are on. Verifiers continue that
 * trace. The header is not part of the signed event, so it serves only for correlation.
 */
export function tracedPublication<Result>(
  { revocation, serial, traceparent }: NumberedRevocation,
  publish: (headers: TraceHeaders) => Promise<Result>,
): Promise<Result> {
  const describe = () => ({
    name: 'send latchkey.revocations',
    kind: 'producer' as const,
    attributes: {
      'messaging.system': 'nats',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.template': 'latchkey.revocations.{kind}.{id}.{serial}',
      'latchkey.revocation.kind': revocation.kind,
      'latchkey.revocation.serial': serial,
    },
    ...(traceparent !== null && { continues: { [TRACEPARENT_HEADER]: traceparent } }),
  });
  return traced(describe, (work) => publish(headersOf(work?.traceparent)));
}

function headersOf(traceparent: string | undefined): TraceHeaders {
  if (traceparent === undefined) return {};
  const carrier = headers();
  carrier.set(TRACEPARENT_HEADER, traceparent);
  return { headers: carrier };
}
