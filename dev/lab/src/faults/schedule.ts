import { VERIFYING_REPLICAS, type AnyReplicaName } from '@latchkey/local-stack';
import type { RouteKind } from '@latchkey/testing';
import { Random } from '../random.js';
import { STREAM_EDITS } from './stream-edits.js';

export type VerifierName = (typeof VERIFYING_REPLICAS)[number];
const AUTH_REPLICAS = ['auth', 'auth-2'] as const;

/** A connection that stands behind a proxy. */
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
/** A stream that is lost is filled from the record, and a record from the stream: one has to be there. */
const MEMORY = 'one of two memories';

export interface FaultCard {
  /** How often it is dealt. */
  readonly weight: number;
  /** What it can hit. */
  readonly targets: readonly string[];
  /** What else no other fault of its round may hit. */
  readonly alsoOccupies?: readonly string[];
  /** The stream, or the record behind it, is lost: all that lives is published again. */
  readonly refills?: boolean;
  /** Auth's database forgets what is written while the fault lasts. */
  readonly rewinds?: boolean;
}

/** Every fault there is. */
const FAULTS = {
  /** Connections are reset, new ones too. */
  cut: { weight: 4, targets: LEGS },
  /** Connections stay open and bytes vanish. */
  'half-open': { weight: 4, targets: LEGS },
  /** Bytes arrive when it is over. */
  hold: { weight: 2, targets: LEGS },
  delay: { weight: 2, targets: LEGS },
  /** SIGKILL; started again when it is over. */
  kill: { weight: 5, targets: PROCESSES },
  /** SIGSTOP. */
  freeze: { weight: 4, targets: FREEZABLE },
  'set the clock of': { weight: 5, targets: [...VERIFYING_REPLICAS, ...DATABASE] },
  /** By somebody with the auth service's NATS password: old messages, in any order, twice. */
  'replay old messages on': { weight: 2, targets: STREAM },
  /** By the same: garbage, and events and watermarks that somebody else signed. */
  'forge events on': { weight: 2, targets: STREAM },
  /** By the same: a configuration that loses or hides what is still needed. */
  reconfigure: { weight: 3, targets: STREAM_EDITS, alsoOccupies: STREAM, refills: true },
  /** NATS comes back without its files. */
  lose: { weight: 2, targets: STREAM, alsoOccupies: ['nats'], refills: true },
  /** NATS comes back with older files. */
  'roll back': { weight: 2, targets: STREAM, alsoOccupies: ['nats'], refills: true },
  /** A standby that has heard nothing for so long is promoted. */
  'fail over': { weight: 2, targets: DATABASE, refills: true, rewinds: true },
  /** A backup that is as old takes the place of the data. */
  restore: { weight: 2, targets: DATABASE, refills: true, rewinds: true },
  /** Thousands of log-outs at once. Were the stream lost, all of them would be published again. */
  'a storm of log-outs on': { weight: 2, targets: DATABASE, alsoOccupies: [MEMORY] },
  /** Strangers take all the connections that they can get, and ask without end. */
  flood: { weight: 2, targets: AUTH_REPLICAS },
} as const satisfies Record<string, FaultCard>;
export type FaultKind = keyof typeof FAULTS;
/** What is known of a kind. */
export const cardOf = (kind: FaultKind): FaultCard => FAULTS[kind];
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly target: string;
  /** Milliseconds after the round began. */
  readonly startsAfter: number;
  readonly lasts: number;
  /** `delay` and clocks: by how many milliseconds. A storm: how many log-outs. */
  readonly amount: number;
  /** `half-open`: which bytes vanish. */
  readonly directions: readonly ('up' | 'down')[];
}

/** Faults that begin near each other; the next round begins when all is whole again. */
export type Round = readonly PlannedFault[];

/** How hard it is played. Times in milliseconds. */
export interface Pace {
  readonly faultsPerRound: { readonly from: number; readonly to: number };
  /** Faults of one round begin within this. */
  readonly onset: number;
  readonly lasts: { readonly from: number; readonly to: number };
  /** No verifier's clock is wrong by more. */
  readonly worstSkew: number;
  /** In log-outs. */
  readonly worstStorm: number;
}

const LONGEST_DELAY = 3_000;
/** Of the database's clock, which nobody may rely on. */
const LONGEST_LEAP = 3_600_000;

/** What a seed stands for: the same rounds in the same order, as many as are asked for. */
export class Schedule {
  readonly #random: Random;
  #deck: FaultKind[] = [];

  constructor(
    seed: number,
    private readonly pace: Pace,
  ) {
    this.#random = new Random(seed);
  }

  nextRound(): Round {
    const { from, to } = this.pace.faultsPerRound;
    const count = this.#random.integer(from, to);
    const round: PlannedFault[] = [];
    const busy = new Set<string>();
    while (round.length < count) {
      const fault = this.#deal();
      const own = occupiedBy(fault);
      if (own.some((name) => busy.has(name))) continue;
      own.forEach((name) => busy.add(name));
      round.push(fault);
    }
    return round.sort((a, b) => a.startsAfter - b.startsAfter);
  }

  /** Every kind has been dealt before the cards are shuffled again. */
  #deal(): PlannedFault {
    if (this.#deck.length === 0) this.#deck = this.#random.shuffled(cards());
    const kind = this.#deck.pop() ?? 'cut';
    const random = this.#random;
    const { from, to } = this.pace.lasts;
    // Short ones are as likely as long ones, on a scale of ratios.
    const lasts = Math.round(from * (to / from) ** random.next());
    const target = random.pick<string>(FAULTS[kind].targets);
    return {
      kind,
      target,
      startsAfter: random.integer(0, this.pace.onset),
      lasts,
      amount: this.#amountOf(kind, target),
      directions: random.pick([['up', 'down'], ['up'], ['down']] as const),
    };
  }

  #amountOf(kind: FaultKind, target: string): number {
    const { worstSkew, worstStorm } = this.pace;
    if (kind === 'delay') return this.#random.integer(100, LONGEST_DELAY);
    if (kind === 'a storm of log-outs on') return this.#random.integer(100, worstStorm);
    const most = target === 'postgres' ? LONGEST_LEAP : worstSkew;
    return this.#random.integer(-most, most);
  }
}

const cards = () =>
  Object.entries(FAULTS).flatMap(([kind, { weight }]) =>
    Array.from({ length: weight }, () => kind as FaultKind),
  );

/** Two faults that would undo each other are not in one round, nor two that leave no memory. */
function occupiedBy({ kind, target }: PlannedFault): readonly string[] {
  const { alsoOccupies = [], refills } = cardOf(kind);
  const isOwnClock = kind === 'set the clock of' && target !== 'postgres';
  return [
    isOwnClock ? `clock of ${target}` : target,
    ...alsoOccupies,
    ...(refills ? [MEMORY] : []),
  ];
}

/** Whom a fault can reach; undefined is everybody, since everybody hangs on what it hits. */
export function affectedBy({ kind, target }: PlannedFault): readonly string[] | undefined {
  // Who can write to NATS can neither deny nor un-deny anyone, nor stop anything.
  if (kind === 'replay old messages on' || kind === 'forge events on') return [];
  // Strangers may have to wait, and users with them; no verifier does.
  if (kind === 'flood') return ['auth'];
  return VERIFYING_REPLICAS.filter((name) => target.startsWith(name)).length === 1
    ? VERIFYING_REPLICAS.filter((name) => target.startsWith(name))
    : undefined;
}

/** Two verifiers that refuse when they are stale, and two that accept. */
export function routesOf(seed: number): Record<VerifierName, RouteKind> {
  // Not the numbers that the rounds are made of: those stay what they are.
  const [first, second] = new Random(~seed).shuffled(VERIFYING_REPLICAS);
  const kindOf = (name: VerifierName) => (name === first || name === second ? 'refuse' : 'accept');
  return Object.fromEntries(VERIFYING_REPLICAS.map((name) => [name, kindOf(name)])) as Record<
    VerifierName,
    RouteKind
  >;
}

export function describeFault(fault: PlannedFault): string {
  const { kind, target, lasts, directions } = fault;
  const way = kind === 'half-open' && directions.length === 1 ? ` (${directions.join()} only)` : '';
  return `${kind} ${target}${extentOf(fault)}${way} for ${(lasts / 1000).toFixed(1)} s`;
}

function extentOf({ kind, amount }: PlannedFault): string {
  if (kind === 'set the clock of' || kind === 'delay') return ` by ${amount} ms`;
  return kind === 'a storm of log-outs on' ? ` (${amount} of them)` : '';
}
