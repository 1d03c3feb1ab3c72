import { HealthRegistry, MetricsRegistry } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { RevocationRelay } from './revocation-relay.js';

/** Shows how the relay is doing. */
@Injectable()
export class RelayObservation {
  constructor(
    private readonly relay: RevocationRelay,
    health: HealthRegistry,
    private readonly metrics: MetricsRegistry,
  ) {
    // Ready also without NATS: a log-out is then recorded and answered with 202.
    health.register('revocation-relay', () => {
      const { connected, backlog, lastError } = relay.status;
      return Promise.resolve({ ready: true, report: { connected, backlog, lastError } });
    });
    this.#gauge(
      'latchkey_relay_backlog',
      'Live revocations that are not yet on the stream',
      () => relay.status.backlog,
    );
    this.#gauge(
      'latchkey_relay_connected',
      'Whether this replica has a connection to NATS: 1 or 0',
      () => Number(relay.status.connected),
    );
    this.#gauge(
      'latchkey_relay_watermark_age_seconds',
      'Time since this replica last put a watermark on the stream; +Inf before the first',
      () => relay.status.watermarkAgeSeconds,
    );
    this.#countFailures();
  }

  #gauge(name: string, help: string, read: () => number): void {
    const registers = [this.metrics.registry];
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }

  #countFailures(): void {
    const { relay } = this;
    new Counter({
      name: 'latchkey_relay_failures_total',
      help: 'Failed tries to publish; each is tried again',
      registers: [this.metrics.registry],
      collect() {
        this.reset();
        this.inc(relay.status.failures);
      },
    });
  }
}
