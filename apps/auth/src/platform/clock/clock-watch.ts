import { HealthRegistry, LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { compareClocks } from './compare-clocks.js';
import { ServiceClock } from './service-clock.js';

const COMPARED_EVERY_MILLISECONDS = 1_000;

/** Compares this machine's clock with Postgres's once a second, and reports a difference. */
@Injectable()
export class ClockWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stopped = new AbortController();
  #agreed = true;

  constructor(
    private readonly clock: ServiceClock,
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly log: Logger,
    health: HealthRegistry,
    metrics: MetricsRegistry,
  ) {
    // The service stays ready: it dates tokens and log-outs by the time on which the clocks last agreed.
    health.register('clock', () =>
      Promise.resolve({
        ready: true,
        ...(!clock.agrees && { detail: this.#advice }),
        report: { databaseAheadSeconds: clock.databaseAheadSeconds, agrees: clock.agrees },
      }),
    );
    metrics.gauge(
      'latchkey_database_clock_offset_seconds',
      "How far Postgres's clock is ahead of this replica's; negative for behind",
      () => clock.databaseAheadSeconds,
    );
  }

  onApplicationBootstrap(): void {
    void this.#run();
  }

  onApplicationShutdown(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#compare().catch(() => undefined); // an unreachable database is reported elsewhere
      await delay(COMPARED_EVERY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #compare(): Promise<void> {
    await compareClocks(this.clock, this.dataSource.manager);
    const { agrees, databaseAheadSeconds } = this.clock;
    if (agrees === this.#agreed) return;
    this.#agreed = agrees;
    if (agrees) this.log.info("Postgres's clock and this machine's agree again");
    else this.log.error({ databaseAheadSeconds }, this.#advice);
  }

  get #advice(): string {
    const { databaseAheadSeconds: ahead, everAgreed } = this.clock;
    const how = `${Math.abs(ahead).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'}`;
    const meanwhile = everAgreed
      ? 'tokens and revocations are dated by the time on which they last agreed'
      : 'tokens and revocations are dated by the earlier one';
    return `Postgres's clock is ${how} this machine's: correct the wrong one (NTP). Until then, ${meanwhile}.`;
  }
}
