import { LIVE_EVENTS_PATH } from '@latchkey/contracts/live';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const LATENCY_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
/** Routes that are called without end, by probes and dashboards. Their requests say nothing about the service's use. */
export const isOperatorsRoute = (route: string): boolean =>
  route.startsWith('/health') || route === '/metrics' || route === LIVE_EVENTS_PATH;
/** How often the event loop's delay is sampled. The default of 10 ms wakes an idle service 100 times a second. */
const EVENT_LOOP_MILLISECONDS = 100;

/** The Prometheus metrics of one service. */
export class MetricsRegistry {
  readonly registry = new Registry();
  /** `route` is the template, never the path, so that clients cannot create new time series. */
  readonly #requests = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  });
  readonly #durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer an HTTP request',
    labelNames: ['method', 'route'],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({
      register: this.registry,
      eventLoopMonitoringPrecision: EVENT_LOOP_MILLISECONDS,
    });
  }

  /** A gauge that is read at each scrape. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** A counter whose value is kept elsewhere, and read at each scrape. */
  counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  /**
   * A counter of named events, all of which are present from the start.
   *
   * @returns counts one event
   */
  events<Event extends string>(
    name: string,
    help: string,
    events: readonly Event[],
  ): (event: Event) => void {
    const counter = new Counter({ name, help, labelNames: ['event'], registers: [this.registry] });
    for (const event of events) counter.inc({ event }, 0);
    return (event) => counter.inc({ event });
  }

  /** Responses since the start by status, without those to operators. */
  async responsesByStatus(): Promise<Record<string, number>> {
    const { values } = await this.#requests.get();
    const statuses: Record<string, number> = {};
    for (const { labels, value } of values) {
      const { route, status } = labels;
      if (isOperatorsRoute(String(route))) continue;
      statuses[String(status)] = (statuses[String(status)] ?? 0) + value;
    }
    return statuses;
  }

  countRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status });
    this.#durations.observe({ method, route }, seconds);
  }
}
