import type { AnyReplicaName } from '@latchkey/local-stack';
import { cpSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startFlood } from './flood.js';
import { Foreigner, type Prey } from './foreigner.js';
import { Random } from '../random.js';
import type { FaultKind, LegName, PlannedFault, ProcessName, VerifierName } from './schedule.js';
import { Storm } from './storm.js';
import type { StreamEdit } from './stream-edits.js';
import type { SystemUnderTest } from './system-under-test.js';

const FORGERY_INTERVAL = 250;
const RESTART_INTERVAL = 250;
/** What does not start within this has failed. */
const RESTART_DEADLINE = 45_000;

/** All it needed was there, and it did not become ready. */
export class NotReadyAgainError extends Error {
  override readonly name = 'NotReadyAgainError';
  constructor(
    readonly processName: string,
    cause: unknown,
  ) {
    super(`${processName} did not become ready again`, { cause });
  }
}

/** Makes whole what was broken. @throws {NotReadyAgainError} */
export type Ending = () => Promise<void>;

/** What a forger would want to know of the users. */
export interface Hunt {
  readonly prey: () => readonly Prey[];
  /** A `kid` of the real key set. */
  readonly keyId: string;
}

/** Does what the schedule says to the running system. */
export class FaultInjector {
  readonly #random = new Random(1);

  constructor(
    private readonly system: SystemUnderTest,
    private readonly hunt: Hunt,
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
      const victim = this.system.process(target as ProcessName);
      await victim.kill();
      return () => startAgain(target, () => victim.restart());
    },
    freeze: ({ target }) => {
      const victim = this.system.process(target as ProcessName);
      victim.signal?.('SIGSTOP');
      return Promise.resolve(() => Promise.resolve(victim.signal?.('SIGCONT')));
    },
    'set the clock of': async ({ target, amount }) => {
      const clock = this.system.clocks[target as VerifierName | 'postgres'];
      await clock.skew(amount);
      return async () => clock.skew(0);
    },
    'replay old messages on': () => this.#replay(),
    'forge events on': () => this.#forge(),
    reconfigure: async ({ target }) => {
      await this.#asForeigner((foreigner) => foreigner.reconfigure(target as StreamEdit));
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
      const storm = new Storm(this.system.stack.postgres.url('auth'));
      await storm.breakOut(amount);
      // Verifiers are as stale as the oldest of them that is not out.
      return () => comesBack('the relay', () => storm.isOver(RESTART_DEADLINE));
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

  /** What was read at the beginning comes again at the end, when it is old. */
  async #replay(): Promise<Ending> {
    const old = (await this.#asForeigner((foreigner) => foreigner.read())) ?? [];
    return async () => {
      await this.#asForeigner(async (foreigner) => {
        foreigner.replay([...old, ...(await foreigner.read())]);
      });
    };
  }

  #forge(): Promise<Ending> {
    const over = new AbortController();
    const forging = this.#asForeigner(async (foreigner) => {
      while (!over.signal.aborted) {
        await foreigner.forge(this.hunt.prey(), this.hunt.keyId);
        await delay(FORGERY_INTERVAL, undefined, { signal: over.signal }).catch(() => undefined);
      }
    });
    return Promise.resolve(async () => {
      over.abort();
      await forging;
    });
  }

  /** Files as they are now come back later, and what was written between is gone. */
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

  async #asForeigner<T>(act: (foreigner: Foreigner) => Promise<T>): Promise<T | undefined> {
    const { stack } = this.system;
    const credentials = stack.natsCredentials('auth');
    const foreigner = await Foreigner.connect(credentials, stack.issuer, this.#random);
    if (!foreigner) return undefined;
    try {
      return await act(foreigner);
    } finally {
      await foreigner.close();
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

/** A service that finds Postgres or NATS broken may end at its start: whoever runs it tries again. */
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
