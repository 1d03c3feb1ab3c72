import { HealthRegistry, MetricsRegistry } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { RevocationRelay } from './revocation-relay.js';

/** Shows how the relay is doing. */
@Injectable()
export class RelayObservation {
  constructor(relay: RevocationRelay, health: HealthRegistry, metrics: MetricsRegistry) {
    // Ready also without NATS: a log-out is then recorded and answered with 202.
    health.register('revocation-relay', () =>
      Promise.resolve({ ready: true, detail: JSON.stringify(relay.status) }),
    );
    new Gauge({
      name: 'latchkey_relay_backlog',
      help: 'Live revocations that are not yet on the stream',
      registers: [metrics.registry],
      collect() {
        this.set(relay.status.backlog);
      },
    });
  }
}
