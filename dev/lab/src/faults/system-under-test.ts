import {
  LatchkeyStack,
  temporaryDirectory,
  VERIFYING_REPLICAS,
  type AnyReplicaName,
  type Launcher,
  type ServiceProcess,
  type StackEnvironment,
} from '@latchkey/local-stack';
import { makeDatabaseClock, RewindablePostgres } from '@latchkey/testing';
import type { RouteKind } from '../history/history.js';
import { join } from 'node:path';
import { Clock } from './clock.js';
import { ProxiedLegs } from './proxied-legs.js';
import type { ProcessName, VerifierName } from './fault-kinds.js';

/** The faults of a process; Postgres cannot be frozen. */
export interface FaultyProcess {
  kill(): Promise<void>;
  restart(): Promise<void>;
  signal?(signal: NodeJS.Signals): void;
}

export interface SystemOptions {
  readonly processes: Launcher;
  readonly routes: Readonly<Record<VerifierName, RouteKind>>;
  readonly maxStalenessSeconds: number;
  readonly accessTokenLifetimeSeconds: number;
  readonly onProgress: (message: string) => void;
}

/** A clock whose error can be set. */
export interface SettableClock {
  skew(milliseconds: number): void | Promise<void>;
}

/** The whole stack, with two auth replicas, a proxy on every leg and a settable clock for every verifier. */
export class SystemUnderTest {
  private constructor(
    readonly processes: Launcher,
    readonly stack: LatchkeyStack,
    readonly legs: ProxiedLegs,
    /** The clock of Postgres only affects auth's database. */
    readonly clocks: Readonly<Record<VerifierName | 'postgres', SettableClock>>,
    /** The Postgres of the stack. */
    readonly postgres: RewindablePostgres,
    /** JetStream's storage. */
    readonly natsDirectory: string,
  ) {}

  static async start(options: SystemOptions): Promise<SystemUnderTest> {
    const { processes, onProgress } = options;
    const stateDirectory = temporaryDirectory(processes);
    const legs = new ProxiedLegs();
    const clocks = Object.fromEntries(
      VERIFYING_REPLICAS.map((name) => [name, new Clock(join(stateDirectory, `clock-${name}`))]),
    ) as Record<VerifierName, Clock>;
    onProgress('making a new Postgres data directory');
    const postgres = await RewindablePostgres.start(processes);
    const databaseClock = await clockOf(postgres);
    const stack = await LatchkeyStack.start({
      processes,
      postgres: postgres.server,
      stateDirectory,
      preferredPorts: false,
      authReplicas: 2,
      route: legs.route,
      env: environment(options, clocks),
      onProgress,
    });
    const all = { ...clocks, postgres: databaseClock };
    return new SystemUnderTest(processes, stack, legs, all, postgres, join(stateDirectory, 'nats'));
  }

  async close(): Promise<void> {
    await this.stack.stop();
    await this.postgres.close();
    await this.legs.close();
  }

  process(name: ProcessName): FaultyProcess {
    const { postgres, nats } = this.stack;
    return name === 'postgres' ? postgres : name === 'nats' ? nats : this.replica(name);
  }

  /** @throws Error for an unknown replica */
  replica(name: AnyReplicaName): ServiceProcess {
    const replica = this.stack.replicas[name];
    if (!replica) throw new Error(`the stack has no ${name}`);
    return replica;
  }

  /** Services that ended although nothing has killed them. */
  get crashed(): readonly ProcessName[] {
    const { replicas } = this.stack;
    const names: readonly AnyReplicaName[] = ['auth', 'auth-2', ...VERIFYING_REPLICAS];
    return names.filter((name) => replicas[name]?.running === false);
  }
}

/** Must run before the stack creates its tables, whose defaults refer to the clock functions. */
async function clockOf(postgres: RewindablePostgres): Promise<SettableClock> {
  await postgres.createDatabase('auth');
  const clock = await makeDatabaseClock(postgres.server.url('auth'));
  return { skew: (milliseconds) => clock.set(milliseconds / 1_000) };
}

function environment(
  { routes, maxStalenessSeconds, accessTokenLifetimeSeconds }: SystemOptions,
  clocks: Readonly<Record<VerifierName, Clock>>,
): StackEnvironment {
  const ofVerifiers = VERIFYING_REPLICAS.map((name) => [
    name,
    {
      WHEN_STALE: routes[name],
      MAX_STALENESS_SECONDS: String(maxStalenessSeconds),
      NODE_OPTIONS: clocks[name].nodeOptions,
    },
  ]);
  return {
    auth: {
      ACCESS_TOKEN_LIFETIME_SECONDS: String(accessTokenLifetimeSeconds),
      // Log-ins whose answer was lost leave sessions, which must not push out others.
      SESSIONS_PER_ACCOUNT: '1000',
    },
    ...(Object.fromEntries(ofVerifiers) as StackEnvironment),
  };
}
