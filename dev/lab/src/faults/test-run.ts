import { checkHistory, type Verdict } from '../history/check-history.js';
import type { Fault } from '../history/history.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { Laboratory } from '../experiment.js';
import { Nemesis, NotReadyAgainError } from './nemesis.js';
import { RecordingClient } from './recording-client.js';
import { Random } from '../random.js';
import { specOf } from './fault-kinds.js';
import { affectedBy, describeFault, type PlannedFault, type Round } from './generator.js';
import type { TestOptions } from './test-options.js';
import type { SystemUnderTest } from './system-under-test.js';
import { Workload } from './workload.js';

const PROGRESS_MILLISECONDS = 1_000;

export interface TestRunResult {
  readonly verdict: Verdict;
  /** The users' operations, and the number of failed log-ins. */
  readonly client: Pick<RecordingClient, 'operations' | 'failures'>;
  readonly faults: readonly Fault[];
  readonly rounds: number;
  /** Processes that ended although the nemesis did not kill them. */
  readonly crashed: readonly string[];
  /** Processes that did not become ready again, which ended the run. */
  readonly stuck: readonly string[];
}

/** Runs users and rounds of faults on the stack, and then checks the history. */
export class TestRun {
  readonly #faults: Fault[] = [];
  readonly #crashed: string[] = [];
  readonly #stuck: string[] = [];
  readonly #broken = new Set<string>();
  readonly #client: RecordingClient;
  readonly #workload: Workload;
  readonly #nemesis: Nemesis;
  #rounds = 0;

  constructor(
    private readonly laboratory: Laboratory,
    private readonly testOptions: TestOptions,
    private readonly system: SystemUnderTest,
    keyId: string,
  ) {
    const random = new Random(testOptions.seed + 1);
    this.#client = new RecordingClient(system.stack, testOptions.promised, random);
    this.#workload = new Workload(this.#client, random);
    this.#nemesis = new Nemesis(system, { targets: () => this.#workload.targets, keyId });
  }

  async run(rounds: Iterator<Round, undefined>): Promise<TestRunResult> {
    const { testOptions, laboratory } = this;
    const progress = setInterval(() => laboratory.onProgress(this.#summary), PROGRESS_MILLISECONDS);
    try {
      await this.#workload.start(testOptions.users);
      await delay(testOptions.pause);
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
    const verdict = checkHistory(history, testOptions.bounds);
    return {
      verdict,
      client: this.#client,
      faults: this.#faults,
      rounds: this.#rounds,
      crashed: this.#crashed,
      stuck: this.#stuck,
    };
  }

  async #play(round: Round): Promise<void> {
    this.#rounds++;
    this.laboratory.print(`round ${this.#rounds}: ${round.map(describeFault).join('; ')}`);
    const faults = await Promise.all(round.map((fault) => this.#inflict(fault)));
    this.#faults.push(...faults);
    if (this.#stuck.length > 0) return;
    await this.#restartCrashed();
    if (round.some(({ kind }) => specOf(kind).republishes)) await this.#recordRepublishing(faults);
    const { bounds, pause } = this.testOptions;
    await delay(bounds.settling + bounds.connected);
    await this.#workload.audit();
    await delay(pause);
  }

  async #inflict(fault: PlannedFault): Promise<Fault> {
    await delay(fault.startsAfter);
    const name = describeFault(fault);
    const affects = affectedBy(fault);
    this.#broken.add(name);
    const startedAt = performance.now();
    const end = await this.#nemesis.begin(fault);
    await delay(fault.lasts);
    await end().catch((error: unknown) => this.#noteStuck(error));
    const endedAt = performance.now();
    this.#broken.delete(name);
    const { rewinds = false } = specOf(fault.kind);
    return { name, startedAt, endedAt, rewinds, ...(affects && { affects }) };
  }

  /** Records the time in which live revocations are published again, from the end of the first fault. */
  async #recordRepublishing(faults: readonly Fault[]): Promise<void> {
    const startedAt = Math.min(...faults.map(({ endedAt }) => endedAt));
    await delay(this.testOptions.republishing);
    this.#faults.push({
      name: 'live revocations are published again',
      startedAt,
      endedAt: performance.now(),
    });
  }

  #noteStuck(error: unknown): void {
    if (!(error instanceof NotReadyAgainError)) throw error;
    this.#stuck.push(error.processName);
  }

  /** Restarts crashed services, as an operator would; the run has failed nevertheless. */
  async #restartCrashed(): Promise<void> {
    const startedAt = performance.now();
    const crashed = this.system.crashed;
    for (const name of crashed) {
      this.#crashed.push(name);
      await this.system.process(name).restart();
    }
    if (crashed.length === 0) return;
    const endedAt = performance.now();
    this.#faults.push({ name: `${crashed.join()} ended by itself`, startedAt, endedAt });
  }

  get #summary(): string {
    const { operations } = this.#client;
    const logOuts = operations.filter(({ type }) => type === 'log-out').length;
    const broken = this.#broken.size > 0 ? [...this.#broken].join('; ') : 'no faults';
    return `round ${this.#rounds}, ${operations.length} requests, ${logOuts} log-outs; ${broken}`;
  }
}
