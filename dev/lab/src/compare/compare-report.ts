import type { Summary } from '@latchkey/load-generator';
import type { RefreshCost } from './refresh-cost.js';
import type { ArchitectureId, SharedPart } from '../architectures/architecture.js';

/** Latency of requests that begin when they are due (open loop), over all rounds. */
export interface LatencyAtRate {
  /** Requests per second that were sent. */
  readonly perSecond: number;
  /** Milliseconds from when a request was due to the end of its answer. */
  readonly p50: Summary;
  readonly p99: Summary;
}

/** What one request costs a part that all replicas share. */
export interface SharedWork {
  readonly part: SharedPart;
  /** Questions with an answer. */
  readonly roundTrips: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Processor time of the part; undefined where the system does not tell. */
  readonly cpuMicroseconds: Summary | undefined;
}

export interface ComparedArchitecture {
  readonly id: ArchitectureId;
  readonly label: string;
  /** Requests per second as fast as they are answered (closed loop). */
  readonly perSecond: Summary;
  /** At one rate that every architecture can serve. */
  readonly atCommonRate: LatencyAtRate;
  /** At a fixed part of what this one can serve. */
  readonly atOwnRate: LatencyAtRate;
  /** Processor time per request, in microseconds. */
  readonly cpuMicroseconds: {
    readonly service: Summary | undefined;
    /** The service's own data, the same for all. */
    readonly database: Summary | undefined;
  };
  /** Per request; undefined where nothing shared is asked. */
  readonly shared: SharedWork | undefined;
  /** What a replica receives over NATS while nobody calls, for its deny-list. */
  readonly backgroundBytesPerSecond: number;
}

export interface CompareReport {
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly connections: number;
  readonly users: number;
  /** Part of its own throughput at which `atOwnRate` was measured. */
  readonly ownRatePart: number;
  readonly pinned: boolean;
  readonly routes: readonly string[];
  readonly refresh: RefreshCost;
  readonly architectures: readonly ComparedArchitecture[];
}
