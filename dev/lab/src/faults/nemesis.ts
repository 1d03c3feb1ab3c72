import type { AnyReplicaName } from '@latchkey/local-stack';
import { cpSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startFlood } from './flood.js';
import { Adversary, type Target } from './adversary.js';
import { Random } from '../random.js';
import type { FaultKind, LegName, ProcessName, VerifierName } from './fault-kinds.js';
import type { PlannedFault } from './generator.js';
import { LogOutStorm } from './log-out-storm.js';
import type { StreamEdit } from './stream-edits.js';
import type { SystemUnderTest } from './system-under-test.js';

const FORGERY_INTERVAL = 250;
const RESTART_INTERVAL = 250;
/** Time limit for a process to become ready again. */
const RESTART_DEADLINE = 45_000;

/** Thrown when a process does not become ready again although everything that it needs is healthy. */
export class NotReadyAgainError extends Error {
  override readonly name = 'NotReadyAgainError';
  constructor(
    readonly processName: string,
    cause: unknown,
  ) {
    super(`${processName} did not become ready again`, { cause });
  }
}

/** Ends a fault. @throws {NotReadyAgainError} */
export type Ending = () => Promise<void>;

/** What the adversary knows about the system. */
export interface Reconnaissance {
  readonly targets: () => readonly Target[];
  /** A `kid` of the real key set. */
  readonly keyId: string;
}

/** Injects faults into the running system. */
export class Nemesis {
  readonly #random = new Random(1);

  constructor(
    private readonly system: SystemUnderTest,
    private readonly reconnaissance: Reconnaissance,
  ) {}

  begin(fault: PlannedFault): Promise<Ending> {
    return this.#kinds[fault.kind](fault);
  }

  readonly #kinds: Readonly<Record<FaultKind, (fault: PlannedFault) => Promise<Ending>>> = {
    cut: (fault) => this.#breakLeg(fault, (proxy) => proxy.cut()),
    'half-open': (fault) => this.#breakLeg(fault, (proxy) => proxy.halfOpen(fault.directions)),
    hold: (fault) => this.#breakLeg(fault, (proxy) => proxy.hold()),
    delay: (fault) => this.#breakLeg(fault, (proxy) => proxy.delay(fault.amount)),
    kill: async ({ target }) => {
      const process = this.system.process(target as ProcessName);
      await process.kill();
      return () => startAgain(target, () => process.restart());
    },
    freeze: ({ target }) => {
      const process = this.system.process(target as ProcessName);
      process.signal?.('SIGSTOP');
      return Promise.resolve(() => Promise.resolve(process.signal?.('SIGCONT')));
    },
    'set the clock of': async ({ target, amount }) => {
      const clock = this.system.clocks[target as VerifierName | 'postgres'];
      await clock.skew(amount);
      return async () => clock.skew(0);
    },
    'replay old messages on': () => this.#replay(),
    'forge events on': () => this.#forge(),
    reconfigure: async ({ target }) => {
      await this.#asAdversary((adversary) => adversary.reconfigure(target as StreamEdit));
      return nothing;
    },
    lose: async () => {
      const { nats } = this.system.stack;
      await nats.kill();
      rmSync(this.system.natsDirectory, { recursive: true, force: true });
      return () => startAgain('nats', () => nats.restart());
    },
    'roll back': () => this.#rollBack(),
    'fail over': async () => {
      const { postgres } = this.system;
      await postgres.startStandby();
      await postgres.cutStandbyOff();
      return () => comesBack('postgres', () => postgres.failOver());
    },
    restore: async () => {
      const { postgres } = this.system;
      await postgres.backUp();
      return () => comesBack('postgres', () => postgres.restore());
    },
    'a storm of log-outs on': async ({ amount }) => {
      const storm = new LogOutStorm(this.system.stack.postgres.url('auth'));
      await storm.start(amount);
      // Verifiers are stale until the oldest of the log-outs is published.
      return () => comesBack('the relay', () => storm.untilPublished(RESTART_DEADLINE));
    },
    flood: ({ target }) => {
      const { url } = this.system.replica(target as AnyReplicaName);
      return Promise.resolve(startFlood(this.system.processes, url));
    },
  };

  #breakLeg(
    { target }: PlannedFault,
    breakIt: (proxy: ReturnType<SystemUnderTest['legs']['proxy']>) => void,
  ): Promise<Ending> {
    const proxy = this.system.legs.proxy(target as LegName);
    breakIt(proxy);
    return Promise.resolve(() => Promise.resolve(proxy.heal()));
  }

  /** Reads messages at the start of the fault, and replays them at its end, when they are old. */
  async #replay(): Promise<Ending> {
    const old = (await this.#asAdversary((adversary) => adversary.read())) ?? [];
    return async () => {
      await this.#asAdversary(async (adversary) => {
        adversary.replay([...old, ...(await adversary.read())]);
      });
    };
  }

  #forge(): Promise<Ending> {
    const over = new AbortController();
    const forging = this.#asAdversary(async (adversary) => {
      while (!over.signal.aborted) {
        await adversary.forge(this.reconnaissance.targets(), this.reconnaissance.keyId);
        await delay(FORGERY_INTERVAL, undefined, { signal: over.signal }).catch(() => undefined);
      }
    });
    return Promise.resolve(async () => {
      over.abort();
      await forging;
    });
  }

  /** Restores the current files at the end of the fault, so that later messages are lost. */
  async #rollBack(): Promise<Ending> {
    const { stack, natsDirectory } = this.system;
    const backup = `${natsDirectory}.backup`;
    await stack.nats.kill();
    rmSync(backup, { recursive: true, force: true });
    cpSync(natsDirectory, backup, { recursive: true });
    await startAgain('nats', () => stack.nats.restart());
    return async () => {
      await stack.nats.kill();
      rmSync(natsDirectory, { recursive: true, force: true });
      cpSync(backup, natsDirectory, { recursive: true });
      await startAgain('nats', () => stack.nats.restart());
    };
  }

  async #asAdversary<T>(act: (adversary: Adversary) => Promise<T>): Promise<T | undefined> {
    const { stack } = this.system;
    const credentials = stack.natsCredentials('auth');
    const adversary = await Adversary.connect(credentials, stack.issuer, this.#random);
    if (!adversary) return undefined;
    try {
      return await act(adversary);
    } finally {
      await adversary.close();
    }
  }
}

const nothing: Ending = () => Promise.resolve();

async function comesBack(name: string, happens: () => Promise<void>): Promise<void> {
  try {
    await happens();
  } catch (error) {
    throw new NotReadyAgainError(name, error);
  }
}

/** Retries, because a service may exit at its start if Postgres or NATS is still broken. */
async function startAgain(name: string, start: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + RESTART_DEADLINE;
  for (;;) {
    try {
      await start();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw new NotReadyAgainError(name, error);
    }
    await delay(RESTART_INTERVAL);
  }
}
