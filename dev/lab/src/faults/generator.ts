import { VERIFYING_REPLICAS } from '@latchkey/local-stack';
import type { RouteKind } from '../history/history.js';
import { Random } from '../random.js';
import { FAULT_KINDS, MEMORY, specOf, type FaultKind, type VerifierName } from './fault-kinds.js';

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly target: string;
  /** Milliseconds after the start of the round. */
  readonly startsAfter: number;
  readonly lasts: number;
  /** Milliseconds for `delay` and clocks; number of log-outs for a storm. */
  readonly amount: number;
  /** For `half-open`: the directions whose bytes are dropped. */
  readonly directions: readonly ('up' | 'down')[];
}

/** Faults that start close together; the next round starts once everything is healthy again. */
export type Round = readonly PlannedFault[];

/** The intensity of a schedule. Times in milliseconds. */
export interface Pace {
  readonly faultsPerRound: { readonly from: number; readonly to: number };
  /** The faults of a round start within this time. */
  readonly onset: number;
  readonly lasts: { readonly from: number; readonly to: number };
  /** The largest skew of a verifier's clock. */
  readonly worstSkew: number;
  /** The largest number of log-outs in a storm. */
  readonly worstStorm: number;
}

const LONGEST_DELAY = 3_000;
/** For the clock of the database, on which nothing may depend. */
const LONGEST_LEAP = 3_600_000;

/** Generates rounds of faults from a seed: the same seed gives the same rounds in the same order. */
export class FaultGenerator {
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

  /** Deals every kind, as often as its weight says, before shuffling again. */
  #deal(): PlannedFault {
    if (this.#deck.length === 0) this.#deck = this.#random.shuffled(cards());
    const kind = this.#deck.pop() ?? 'cut';
    const random = this.#random;
    const { from, to } = this.pace.lasts;
    // Log-uniform, so that short faults are as likely as long ones.
    const lasts = Math.round(from * (to / from) ** random.next());
    const target = random.pick(specOf(kind).targets);
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
  FAULT_KINDS.flatMap((kind) => Array.from({ length: specOf(kind).weight }, () => kind));

/** Keeps faults out of one round that would undo each other or destroy both memories. */
function occupiedBy({ kind, target }: PlannedFault): readonly string[] {
  const { alsoOccupies = [], republishes } = specOf(kind);
  const isOwnClock = kind === 'set the clock of' && target !== 'postgres';
  return [
    isOwnClock ? `clock of ${target}` : target,
    ...alsoOccupies,
    ...(republishes ? [MEMORY] : []),
  ];
}

/** The parts that a fault affects; undefined if all parts depend on its target. */
export function affectedBy({ kind, target }: PlannedFault): readonly string[] | undefined {
  // Write access to NATS must not revoke, un-revoke or stop anything.
  if (kind === 'replay old messages on' || kind === 'forge events on') return [];
  // A flood may slow down auth, but no verifier.
  if (kind === 'flood') return ['auth'];
  return VERIFYING_REPLICAS.filter((name) => target.startsWith(name)).length === 1
    ? VERIFYING_REPLICAS.filter((name) => target.startsWith(name))
    : undefined;
}

/** Chooses two verifiers that refuse when they are stale, and two that accept. */
export function routesOf(seed: number): Record<VerifierName, RouteKind> {
  // Uses a separate generator, so that the rounds do not depend on this choice.
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
