import {
  LatchkeyStack,
  temporaryDirectory,
  VERIFYING_REPLICAS,
  type AnyReplicaName,
  type Launcher,
  type StackEnvironment,
} from '@latchkey/local-stack';
import type { RouteKind } from '@latchkey/testing';
import { join } from 'node:path';
import { Clock } from './clock.js';
import { ProxiedLegs } from './proxied-legs.js';
import type { ProcessName, VerifierName } from './schedule.js';

/** What a process can suffer; Postgres cannot be frozen. */
export interface Victim {
  kill(): Promise<void>;
  restart(): Promise<void>;
  signal?(signal: NodeJS.Signals): void;
}

export interface SystemOptions {
  readonly leash: Launcher;
  readonly routes: Readonly<Record<VerifierName, RouteKind>>;
  readonly maxStalenessSeconds: number;
  readonly accessTokenLifetimeSeconds: number;
  readonly onProgress: (message: string) => void;
}

/** The whole stack, with two auth replicas, a proxy on every leg and a clock for every verifier. */
export class SystemUnderTest {
  private constructor(
    readonly stack: LatchkeyStack,
    readonly legs: ProxiedLegs,
    readonly clocks: Readonly<Record<VerifierName, Clock>>,
    /** JetStream's files. */
    readonly natsDirectory: string,
  ) {}

  static async start(options: SystemOptions): Promise<SystemUnderTest> {
    const { leash, onProgress } = options;
    const stateDirectory = temporaryDirectory(leash);
    const legs = new ProxiedLegs();
    const clocks = Object.fromEntries(
      VERIFYING_REPLICAS.map((name) => [name, new Clock(join(stateDirectory, `clock-${name}`))]),
    ) as Record<VerifierName, Clock>;
    const stack = await LatchkeyStack.start({
      leash,
      stateDirectory,
      preferredPorts: false,
      authReplicas: 2,
      route: legs.route,
      env: environment(options, clocks),
      onProgress,
    });
    return new SystemUnderTest(stack, legs, clocks, join(stateDirectory, 'nats'));
  }

  async close(): Promise<void> {
    await this.stack.stop();
    await this.legs.close();
  }

  process(name: ProcessName): Victim {
    const { postgres, nats, replicas } = this.stack;
    const victim = { postgres, nats, ...replicas }[name];
    if (!victim) throw new Error(`the stack has no ${name}`);
    return victim;
  }

  /** What was not killed by anybody and does not run. */
  get fallen(): readonly ProcessName[] {
    const { replicas } = this.stack;
    const names: readonly AnyReplicaName[] = ['auth', 'auth-2', ...VERIFYING_REPLICAS];
    return names.filter((name) => replicas[name]?.running === false);
  }
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
      // A log-in whose answer was lost leaves a session: no other one is to be ended for it.
      SESSIONS_PER_ACCOUNT: '1000',
    },
    ...(Object.fromEntries(ofVerifiers) as StackEnvironment),
  };
}
