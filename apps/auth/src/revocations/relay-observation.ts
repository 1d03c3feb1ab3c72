import { HealthRegistry, MetricsRegistry } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { RecordRecovery } from './record-recovery.js';
import { RevocationRelay } from './revocation-relay.js';

/** Exposes the relay's status as health and metrics. */
@Injectable()
export class RelayObservation {
  constructor(
    relay: RevocationRelay,
    recovery: RecordRecovery,
    health: HealthRegistry,
    metrics: MetricsRegistry,
  ) {
    // Stays ready without NATS, because log-outs are still recorded and answered with 202. Not ready with
    // another environment's stream, which only an operator can fix.
    health.register('revocation-relay', () => {
      const { connected, backlog, lastError, blocked } = relay.status;
      const report = { connected, backlog, lastError };
      return Promise.resolve(
        blocked === undefined ? { ready: true, report } : { ready: false, detail: blocked, report },
      );
    });
    metrics.gauge(
      'latchkey_relay_backlog',
      'Live revocations that are not yet on the stream',
      () => relay.status.backlog,
    );
    metrics.gauge(
      'latchkey_relay_blocked',
      'Whether the stream belongs to another environment, so nothing is published: 1 or 0',
      () => Number(relay.status.blocked !== undefined),
    );
    metrics.counter(
      'latchkey_record_regressions_total',
      'How often this replica found the record of revocations older than its stream and repaired it',
      () => recovery.regressions,
    );
    metrics.gauge(
      'latchkey_relay_connected',
      'Whether this replica has a connection to NATS: 1 or 0',
      () => Number(relay.status.connected),
    );
    metrics.gauge(
      'latchkey_relay_watermark_age_seconds',
      'Time since this replica last published a watermark; +Inf before the first',
      () => relay.status.watermarkAgeSeconds,
    );
    metrics.counter(
      'latchkey_relay_failures_total',
      'Failed attempts to publish; each is retried',
      () => relay.status.failures,
    );
  }
}
