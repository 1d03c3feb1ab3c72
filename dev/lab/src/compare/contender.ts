import type { ServiceProcess } from '@latchkey/local-stack';
import {
  processorMicroseconds,
  type ClosedLoop,
  type LoadGenerator,
  type OpenLoop,
} from '@latchkey/load-generator';
import {
  architectureOf,
  type ArchitectureId,
  type SharedPart,
} from '../architectures/architecture.js';
import { ordersReplica } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import { requestsOf, type User } from '../architectures/users.js';
import { distributionOf } from '../distribution.js';
import type { Laboratory } from '../experiment.js';
import type { CompareSize } from './compare-size.js';

/** A round of a closed loop. Processor time is per request, and undefined where the system does not report it. */
export interface ThroughputSample {
  readonly perSecond: number;
  readonly serviceMicroseconds: number | undefined;
  readonly databaseMicroseconds: number | undefined;
  readonly sharedMicroseconds: number | undefined;
  readonly failures: number;
}

/** A round of an open loop. Times in milliseconds. */
export interface LatencySample {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

export interface ContenderOptions {
  readonly laboratory: Laboratory;
  readonly parts: SharedParts;
  readonly users: readonly User[];
  readonly connections: number;
}

/** Per connection. */
const WAKING_REQUESTS = 4;
const WAKING_SECONDS = 10;

/** A replica of the service under one architecture, and the load on it. */
export class Contender {
  private constructor(
    readonly id: ArchitectureId,
    private readonly replica: ServiceProcess,
    private readonly options: ContenderOptions,
  ) {}

  static async start(id: ArchitectureId, options: ContenderOptions): Promise<Contender> {
    const { laboratory, parts } = options;
    const replica = await ordersReplica({
      processes: laboratory.processes,
      parts,
      architecture: id,
    });
    await replica.start();
    const contender = new Contender(id, replica, options);
    await contender.#requireProtection();
    return contender;
  }

  /** Measures a closed loop. */
  async throughput(
    load: LoadGenerator,
    seconds: number,
    amount?: number,
  ): Promise<ThroughputSample> {
    await this.#wake(load);
    const before = this.#processorTimes();
    const loop: ClosedLoop = { ...this.#target, seconds, ...(amount !== undefined && { amount }) };
    const result = await load.closedLoop(loop);
    const after = this.#processorTimes();
    const perRequest = (name: keyof typeof before) => {
      const [from, to] = [before[name], after[name]];
      return from === undefined || to === undefined ? undefined : (to - from) / result.requests;
    };
    return {
      perSecond: result.requests / result.seconds,
      serviceMicroseconds: perRequest('service'),
      databaseMicroseconds: perRequest('database'),
      sharedMicroseconds: perRequest('shared'),
      failures: result.failures,
    };
  }

  /**
   * Measures an open loop.
   *
   * @param leadSeconds time before latencies count, in which connections are opened
   */
  async latency(
    load: LoadGenerator,
    { seconds, leadSeconds }: Pick<CompareSize, 'seconds' | 'leadSeconds'>,
    perSecond: number,
  ): Promise<LatencySample> {
    await this.#wake(load);
    const loop: OpenLoop = { ...this.#target, seconds: leadSeconds + seconds, perSecond };
    const { latencyMilliseconds, dueMilliseconds, status } = await load.openLoop(loop);
    const counts = (_: number, index: number) => dueMilliseconds[index]! >= leadSeconds * 1_000;
    const { p50, p99 } = distributionOf(latencyMilliseconds.filter(counts));
    return { perSecond, p50, p99, failures: status.filter((code) => code !== 200).length };
  }

  stop(): Promise<void> {
    return this.replica.stop();
  }

  /** Reopens the connections of the replica's pools, which it closes while others are measured. */
  async #wake(load: LoadGenerator): Promise<void> {
    const amount = WAKING_REQUESTS * this.options.connections;
    await load.closedLoop({ ...this.#target, seconds: WAKING_SECONDS, amount });
  }

  get #target() {
    const { users, connections } = this.options;
    const requests = requestsOf(this.id, users);
    return { urls: [this.replica.url], connections, method: 'GET', requests } as const;
  }

  #processorTimes() {
    const { stack } = this.options.parts;
    const asked = architectureOf(this.id).asksPerRequest;
    return {
      service: timeOf(this.replica.pid),
      database: timeOf(stack.postgres.pid),
      shared: asked && timeOf(pidOf(asked, this.options.parts)),
    };
  }

  /** Fails if the protection does not work: a guard that accepts everything would be fast. */
  async #requireProtection(): Promise<void> {
    const expected = this.id === 'unprotected' ? 200 : 401;
    const headers = this.id === 'unprotected' ? this.#target.requests[0]!.headers : {};
    const response = await fetch(`${this.replica.url}/orders`, {
      headers: { ...headers, connection: 'close' },
    });
    await response.arrayBuffer();
    if (response.status !== expected)
      throw new Error(`${this.id} responded with ${response.status} instead of ${expected}`);
  }
}

const timeOf = (pid: number | undefined) =>
  pid === undefined ? undefined : processorMicroseconds(pid);

/** Undefined for an external server. */
function pidOf(part: SharedPart, { redis, sessionPostgres, stack }: SharedParts) {
  switch (part) {
    case 'redis':
      return redis?.pid;
    case 'session-postgres':
      return sessionPostgres.pid;
    case 'auth':
      return stack.replicas.auth.pid;
  }
}
