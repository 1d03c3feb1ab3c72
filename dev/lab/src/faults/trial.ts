import { checkHistory, type Fault, type Verdict } from '@latchkey/testing';
import { setTimeout as delay } from 'node:timers/promises';
import type { Laboratory } from '../experiment.js';
import { FaultInjector, NotReadyAgainError } from './fault-injector.js';
import { ObservedClient } from './observed-client.js';
import { Random } from '../random.js';
import { affectedBy, cardOf, describeFault, type PlannedFault, type Round } from './schedule.js';
import type { Setting } from './setting.js';
import type { SystemUnderTest } from './system-under-test.js';
import { Workload } from './workload.js';

const PROGRESS_MILLISECONDS = 1_000;

export interface TrialResult {
  readonly verdict: Verdict;
  /** What users did, and how many log-ins gave them nothing. */
  readonly client: Pick<ObservedClient, 'operations' | 'failures'>;
  readonly faults: readonly Fault[];
  readonly rounds: number;
  /** Processes that ended without being killed by the schedule. */
  readonly fallen: readonly string[];
  /** Processes that did not become ready again; the trial ended with them. */
  readonly stuck: readonly string[];
}

/** Users at work on the running stack, while one round of faults follows the other. */
export class Trial {
  readonly #faults: Fault[] = [];
  readonly #fallen: string[] = [];
  readonly #stuck: string[] = [];
  readonly #broken = new Set<string>();
  readonly #client: ObservedClient;
  readonly #workload: Workload;
  readonly #injector: FaultInjector;
  #rounds = 0;

  constructor(
    private readonly laboratory: Laboratory,
    private readonly setting: Setting,
    private readonly system: SystemUnderTest,
    keyId: string,
  ) {
    const random = new Random(setting.seed + 1);
    this.#client = new ObservedClient(system.stack, setting.promised, random);
    this.#workload = new Workload(this.#client, random);
    this.#injector = new FaultInjector(system, { prey: () => this.#workload.prey, keyId });
  }

  async run(rounds: Iterator<Round, undefined>): Promise<TrialResult> {
    const { setting, laboratory } = this;
    const progress = setInterval(() => laboratory.onProgress(this.#summary), PROGRESS_MILLISECONDS);
    try {
      await this.#workload.start(setting.users);
      await delay(setting.calm);
      for (let next = rounds.next(); !next.done; next = rounds.next()) {
        if (laboratory.interrupted.aborted || this.#stuck.length > 0) break;
        await this.#play(next.value);
      }
      await this.#workload.stop();
      await this.#workload.audit();
    } finally {
      clearInterval(progress);
    }
    const history = { operations: this.#client.operations, faults: this.#faults };
    const verdict = checkHistory(history, setting.bounds);
    return {
      verdict,
      client: this.#client,
      faults: this.#faults,
      rounds: this.#rounds,
      fallen: this.#fallen,
      stuck: this.#stuck,
    };
  }

  async #play(round: Round): Promise<void> {
    this.#rounds++;
    this.laboratory.print(`round ${this.#rounds}: ${round.map(describeFault).join('; ')}`);
    const faults = await Promise.all(round.map((fault) => this.#inflict(fault)));
    this.#faults.push(...faults);
    if (this.#stuck.length > 0) return;
    await this.#raiseFallen();
    if (round.some(({ kind }) => cardOf(kind).refills)) await this.#refill(faults);
    const { bounds, calm } = this.setting;
    await delay(bounds.settling + bounds.connected);
    await this.#workload.audit();
    await delay(calm);
  }

  async #inflict(fault: PlannedFault): Promise<Fault> {
    await delay(fault.startsAfter);
    const name = describeFault(fault);
    const affects = affectedBy(fault);
    this.#broken.add(name);
    const startedAt = performance.now();
    const end = await this.#injector.begin(fault);
    await delay(fault.lasts);
    await end().catch((error: unknown) => this.#noteStuck(error));
    const endedAt = performance.now();
    this.#broken.delete(name);
    const { rewinds = false } = cardOf(fault.kind);
    return { name, startedAt, endedAt, rewinds, ...(affects && { affects }) };
  }

  /** Begins when the first of them is over, and takes its time from when all of them are. */
  async #refill(faults: readonly Fault[]): Promise<void> {
    const startedAt = Math.min(...faults.map(({ endedAt }) => endedAt));
    await delay(this.setting.refilling);
    this.#faults.push({
      name: 'what lives is published again',
      startedAt,
      endedAt: performance.now(),
    });
  }

  #noteStuck(error: unknown): void {
    if (!(error instanceof NotReadyAgainError)) throw error;
    this.#stuck.push(error.processName);
  }

  /** As whoever runs it would do; but nobody promised that it would be needed. */
  async #raiseFallen(): Promise<void> {
    const startedAt = performance.now();
    const fallen = this.system.fallen;
    for (const name of fallen) {
      this.#fallen.push(name);
      await this.system.process(name).restart();
    }
    if (fallen.length === 0) return;
    const endedAt = performance.now();
    this.#faults.push({ name: `${fallen.join()} ended by itself`, startedAt, endedAt });
  }

  get #summary(): string {
    const { operations } = this.#client;
    const logOuts = operations.filter(({ type }) => type === 'log-out').length;
    const broken = this.#broken.size > 0 ? [...this.#broken].join('; ') : 'nothing is broken';
    return `round ${this.#rounds}, ${operations.length} requests, ${logOuts} log-outs; ${broken}`;
  }
}
