import { startTestNats, type TestDatabase, type TestNats } from '@latchkey/testing';
import { AuthReplica, type Environment, type ReplicaOptions } from './auth-fixture.js';
import { startAuthDatabase } from './auth-database.js';

export interface TestbedOptions {
  readonly env?: Environment;
  readonly replicas?: number;
  /** Accounts to register. */
  readonly users?: readonly string[];
  readonly nats?: Parameters<typeof startTestNats>[0];
}

/**
 * Auth with a database and a NATS server of its own. The replicas exist before they are started, so that a
 * `describe` block can name them.
 */
export class AuthTestbed {
  readonly replicas: readonly AuthReplica[];
  readonly #further: AuthReplica[] = [];
  readonly #closers: (() => unknown)[] = [];
  #env: Environment = {};
  #database: TestDatabase | undefined;
  #nats: TestNats | undefined;

  constructor(private readonly options: TestbedOptions = {}) {
    this.replicas = Array.from({ length: options.replicas ?? 1 }, () => new AuthReplica());
  }

  /** The first replica. */
  get auth(): AuthReplica {
    return this.replicas[0]!;
  }

  get database(): TestDatabase {
    if (!this.#database) throw new Error('The testbed is not running');
    return this.#database;
  }

  get nats(): TestNats {
    if (!this.#nats) throw new Error('The testbed is not running');
    return this.#nats;
  }

  /** Starts the servers, and all replicas at once. */
  async start(env: Environment = {}): Promise<void> {
    this.#env = env;
    [this.#database, this.#nats] = await Promise.all([
      startAuthDatabase(),
      startTestNats(this.options.nats),
    ]);
    await Promise.all(this.replicas.map((replica) => replica.start(this.#replicaOptions())));
    for (const username of this.options.users ?? []) await this.auth.register(username);
  }

  /** Closes something of the test before the replicas and servers. */
  readonly closeFirst = (close: () => unknown): void => void this.#closers.push(close);

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    await Promise.all([...this.replicas, ...this.#further].map((replica) => replica.close()));
    await Promise.all([this.#nats?.close(), this.#database?.drop()]);
  }

  /** Starts another replica. It closes with the testbed, or earlier. */
  readonly startReplica = async (env: Environment = {}): Promise<AuthReplica> => {
    const replica = new AuthReplica();
    this.#further.push(replica);
    await replica.start(this.#replicaOptions(env));
    return replica;
  };

  /** Runs a statement on the connections of the first replica. */
  readonly sql = <Row extends object>(
    query: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]> => this.auth.sql<Row>(query, parameters);

  #replicaOptions(env: Environment = {}): ReplicaOptions {
    return {
      databaseUrl: this.database.url,
      nats: this.nats.credentials('auth'),
      env: { ...this.options.env, ...this.#env, ...env },
    };
  }
}

/** Runs auth for the tests of the surrounding `describe` block. */
export function useAuth(options: TestbedOptions = {}): AuthTestbed {
  const testbed = new AuthTestbed(options);
  beforeAll(() => testbed.start());
  afterAll(() => testbed.close());
  return testbed;
}
