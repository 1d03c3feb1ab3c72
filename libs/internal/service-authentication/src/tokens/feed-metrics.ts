import type { DenyList } from '@latchkey/deny-list';
import type { FeedEvent, FeedState } from '@latchkey/deny-list-nats';
import type { MetricsRegistry } from '@latchkey/service-kit';
import { Counter, Histogram } from 'prom-client';

const LAG_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60,
];

/** Metrics of a verifier's deny-list and revocation feed. */
export class FeedMetrics {
  readonly #events: Counter;
  readonly #refused: Counter;
  readonly #lag: Histogram;

  constructor(private readonly metrics: MetricsRegistry) {
    const registers = [metrics.registry];
    this.#events = new Counter({
      name: 'latchkey_feed_events_total',
      help: 'Events of the revocation feed by type',
      labelNames: ['type'],
      registers,
    });
    this.#refused = new Counter({
      name: 'latchkey_feed_events_refused_total',
      help: 'Rejected events: not signed by the issuer, malformed, or not from the stream',
      labelNames: ['reason'],
      registers,
    });
    this.#lag = new Histogram({
      name: 'latchkey_revocation_lag_seconds',
      help: 'Time from the commit of a revocation, by the clock of the database, to its effect here',
      buckets: LAG_BUCKETS_SECONDS,
      registers,
    });
  }

  count(event: FeedEvent): void {
    this.#events.inc({ type: event.type });
    if (event.type === 'refused') this.#refused.inc({ reason: event.reason });
  }

  /** Records how long after its commit a revocation took effect. */
  observeLag(milliseconds: number): void {
    this.#lag.observe(milliseconds / 1000);
  }

  /** Registers the metrics that are read when they are scraped. */
  watch(denyList: DenyList, issuer: string, feed: () => FeedState | undefined): void {
    this.metrics.gauge(
      'latchkey_deny_list_entries',
      'Revocations held in memory',
      () => denyList.size,
    );
    this.metrics.gauge(
      'latchkey_deny_list_bytes',
      'Memory used by the deny-list',
      () => denyList.bytes,
    );
    this.metrics.gauge(
      'latchkey_staleness_seconds',
      'Age of the last satisfied watermark; +Inf before the first',
      () => denyList.stalenessSeconds(issuer),
    );
    this.metrics.gauge(
      'latchkey_clock_offset_seconds',
      "Offset of the auth service's clock from this machine's, positive if it is ahead; NaN while unknown",
      () => denyList.clockOffsetSeconds(issuer) ?? NaN,
    );
    this.metrics.gauge(
      'latchkey_revocations_applied_through',
      'Serial of the revocation up to which none is missing here; -1 while unknown',
      () => denyList.appliedThrough(issuer),
    );
    this.metrics.gauge(
      'latchkey_feed_connected',
      'Whether the feed is connected to NATS: 1 or 0',
      () => Number(feed()?.connected ?? false),
    );
    this.metrics.counter(
      'latchkey_feed_gaps_repaired_total',
      'Gaps in the live events that were filled from the stream',
      () => feed()?.gapsRepaired ?? 0,
    );
  }
}
