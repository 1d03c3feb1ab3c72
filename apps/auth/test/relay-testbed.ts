import type { Watermark } from '@latchkey/contracts';
import {
  ensureNatsServer,
  natsPasswords,
  ProcessGroup,
  startNats,
  temporaryDirectory,
  type Nats,
  type Program,
} from '@latchkey/local-stack';
import { waitFor, type TestDatabase } from '@latchkey/testing';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openStreamReader, startReplica, type Replica } from './relay-fixture.js';
import { startAuthDatabase } from './auth-database.js';

/** A replica that publishes, its servers, and a reader of the stream. Each test gets new ones. */
export class RelayTestbed {
  readonly passwords = natsPasswords(() => randomBytes(8).toString('hex'));
  processes!: ProcessGroup;
  server!: Program;
  directory!: string;
  storeDirectory!: string;
  nats!: Nats;
  database!: TestDatabase;
  reader!: Awaited<ReturnType<typeof openStreamReader>>;
  replica!: Replica;
  readonly #others: Replica[] = [];

  /** Creates a replica that is not publishing yet. */
  newReplica(databaseUrl = this.database.url, natsUrl = this.nats.url): Promise<Replica> {
    return startReplica(databaseUrl, natsUrl, this.passwords.auth);
  }

  /** Creates another replica, which ends with the test. */
  async anotherReplica(natsUrl?: string): Promise<Replica> {
    const other = await this.newReplica(undefined, natsUrl);
    this.#others.push(other);
    return other;
  }

  watermarkThat(fits: (watermark: Watermark) => boolean): Promise<Watermark> {
    return waitFor(
      async () => {
        const watermark = await this.reader.watermark();
        return watermark && fits(watermark) && watermark;
      },
      { what: 'a watermark' },
    );
  }

  async prepare(): Promise<void> {
    this.processes = new ProcessGroup();
    this.directory = temporaryDirectory(this.processes);
    const { processes, directory } = this;
    this.server = await ensureNatsServer({ processes, stateDirectory: directory });
  }

  async start(): Promise<void> {
    const { processes, directory, passwords, server } = this;
    this.storeDirectory = join(directory, randomBytes(4).toString('hex'));
    this.nats = await startNats({
      processes,
      stateDirectory: directory,
      storeDirectory: this.storeDirectory,
      passwords,
      server,
    });
    this.database = await startAuthDatabase();
    this.replica = await this.newReplica();
    await this.replica.dataSource.runMigrations();
    await this.replica.begin();
    this.reader = await openStreamReader(this.nats.url, passwords.auth, this.replica.ring);
    await this.watermarkThat(() => true);
  }

  async stop(): Promise<void> {
    await this.reader.connection.close();
    await Promise.all([this.replica, ...this.#others.splice(0)].map((each) => each.end()));
    await this.nats.stop();
    await this.database.drop();
  }
}

/** Provides the testbed to each test of the surrounding `describe` block. */
export function useRelay(): RelayTestbed {
  const bed = new RelayTestbed();
  beforeAll(() => bed.prepare());
  afterAll(() => bed.processes.close());
  beforeEach(() => bed.start());
  afterEach(() => bed.stop());
  return bed;
}
