import { VERIFYING_REPLICAS, type AnyReplicaName } from '@latchkey/local-stack';
import { STREAM_EDITS } from './stream-edits.js';

export type VerifierName = (typeof VERIFYING_REPLICAS)[number];
export const AUTH_REPLICAS = ['auth', 'auth-2'] as const;

/** A connection behind a proxy. */
export type LegName = `${AnyReplicaName} > ${'postgres' | 'nats' | 'auth'}`;
export type ProcessName = AnyReplicaName | 'postgres' | 'nats';

export const LEGS: readonly LegName[] = [
  ...AUTH_REPLICAS.flatMap((name) => [`${name} > postgres`, `${name} > nats`] as const),
  ...VERIFYING_REPLICAS.flatMap((name) => [`${name} > nats`, `${name} > auth`] as const),
];
const PROCESSES: readonly ProcessName[] = [
  ...AUTH_REPLICAS,
  'postgres',
  'nats',
  ...VERIFYING_REPLICAS,
];
const FREEZABLE: readonly ProcessName[] = [...AUTH_REPLICAS, 'nats', ...VERIFYING_REPLICAS];
const STREAM = ['the stream'];
const DATABASE = ['postgres'];
/** A lost stream is restored from the record, and a lost record from the stream, so one must survive. */
export const MEMORY = 'one of two memories';

export interface FaultSpec {
  /** How often it occurs, relative to the others. */
  readonly weight: number;
  /** What it can affect. */
  readonly targets: readonly string[];
  /** Further targets that no other fault of the round may have. */
  readonly alsoOccupies?: readonly string[];
  /** The stream or the record is lost, so live revocations are published again. */
  readonly republishes?: boolean;
  /** Auth's database loses what is written during the fault. */
  readonly rewinds?: boolean;
}

/** Every kind of fault. */
const FAULTS = {
  /** Resets connections, including new ones. */
  cut: { weight: 4, targets: LEGS },
  /** Drops bytes, and keeps connections open. */
  'half-open': { weight: 4, targets: LEGS },
  /** Holds bytes back until the end. */
  hold: { weight: 2, targets: LEGS },
  delay: { weight: 2, targets: LEGS },
  /** SIGKILL; the process is restarted at the end. */
  kill: { weight: 5, targets: PROCESSES },
  /** SIGSTOP. */
  freeze: { weight: 4, targets: FREEZABLE },
  'set the clock of': { weight: 5, targets: [...VERIFYING_REPLICAS, ...DATABASE] },
  /** An adversary with auth's NATS password replays old messages, in any order, twice. */
  'replay old messages on': { weight: 2, targets: STREAM },
  /** The adversary publishes garbage, and events and watermarks with foreign signatures. */
  'forge events on': { weight: 2, targets: STREAM },
  /** The adversary changes the stream's configuration, so it loses or hides messages. */
  reconfigure: { weight: 3, targets: STREAM_EDITS, alsoOccupies: STREAM, republishes: true },
  /** NATS restarts without its files. */
  lose: { weight: 2, targets: STREAM, alsoOccupies: ['nats'], republishes: true },
  /** NATS restarts with older files. */
  'roll back': { weight: 2, targets: STREAM, alsoOccupies: ['nats'], republishes: true },
  /** A standby that was disconnected during the fault is promoted. */
  'fail over': { weight: 2, targets: DATABASE, republishes: true, rewinds: true },
  /** A backup from the start of the fault is restored. */
  restore: { weight: 2, targets: DATABASE, republishes: true, rewinds: true },
  /** Thousands of log-outs at the same time. With a lost stream, all of them would be published again. */
  'a storm of log-outs on': { weight: 2, targets: DATABASE, alsoOccupies: [MEMORY] },
  /** Anonymous clients open as many connections as they can, and keep sending requests. */
  flood: { weight: 2, targets: AUTH_REPLICAS },
} as const satisfies Record<string, FaultSpec>;
export type FaultKind = keyof typeof FAULTS;
export const specOf = (kind: FaultKind): FaultSpec => FAULTS[kind];
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];
