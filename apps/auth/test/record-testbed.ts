import { REVOCATION_TRIGGERS, type Revocation, type RevocationTrigger } from '@latchkey/contracts';
import { startTestDataSource, type TestDataSource } from '@latchkey/service-kit/suite';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { ServiceClock } from '../src/platform/clock/service-clock.js';
import { ExpiredRevocations } from '../src/revocations/expired-revocations.js';
import { RevocationOutbox } from '../src/revocations/revocation-outbox.js';
import { RevocationRecord, type RevocationRequest } from '../src/revocations/revocation-record.js';
import { RevocationEntity } from '../src/revocations/revocation.entity.js';
import { SerialHighWaterMark } from '../src/revocations/serial-high-water-mark.js';
import { SerialNumbers } from '../src/revocations/serial-numbers.js';
import { StreamRecord } from '../src/revocations/stream-record.js';
import { UnreadableRows } from '../src/revocations/unreadable-rows.js';
import { RECORD } from './record-fixture.js';

export const options = {
  issuer: 'http://127.0.0.1:4000',
  accessTokenLifetimeSeconds: 300,
  streamReplicas: 1 as const,
  nats: { servers: 'nats://127.0.0.1:1' },
};
export const TARGETS = {
  session: { sessionId: 's-1' },
  token: { tokenId: 't-1' },
  subject: { subject: 'u-1' },
  client: { clientId: 'c-1' },
  key: { keyId: 'k-1' },
};

export const request = (trigger: RevocationTrigger) =>
  ({ trigger, ...TARGETS[REVOCATION_TRIGGERS[trigger]] }) as RevocationRequest;

/** The record in a database of its own, empty before each test. */
export class RecordTestbed {
  #database: TestDataSource | undefined;
  dataSource!: DataSource;
  outbox!: RevocationOutbox;
  streamRecord!: StreamRecord;
  expired!: ExpiredRevocations;
  /** Uptime of this process, by its monotonic clock. */
  uptimeMilliseconds = 0;
  readonly clock = new ServiceClock(undefined, () => this.uptimeMilliseconds);
  readonly record = new RevocationRecord(options, this.clock);

  async start(): Promise<void> {
    this.#database = await startTestDataSource(RECORD);
    this.dataSource = this.#database.source;
    const { dataSource, clock } = this;
    const unreadable = new UnreadableRows(options, pino({ level: 'silent' }));
    const rows = dataSource.getRepository(RevocationEntity);
    this.outbox = new RevocationOutbox(rows, clock, unreadable);
    this.streamRecord = new StreamRecord(dataSource, clock);
    const longestSeconds = options.accessTokenLifetimeSeconds;
    this.expired = new ExpiredRevocations(dataSource, clock, { longestSeconds });
  }

  async close(): Promise<void> {
    await this.#database?.close();
  }

  /** The serial numbers of one replica. */
  numbers(highWaterMark = new SerialHighWaterMark()): SerialNumbers {
    const rows = this.dataSource.getRepository(RevocationEntity);
    return new SerialNumbers(rows, highWaterMark, options);
  }

  readonly revoke = (what: RevocationRequest, issuedUntil?: number): Promise<Revocation> =>
    this.dataSource.transaction((manager) => this.record.revoke(manager, what, issuedUntil));
}

/** Provides the record to the tests of the surrounding `describe` block. */
export function useRecord(): RecordTestbed {
  const bed = new RecordTestbed();
  beforeAll(() => bed.start());
  beforeEach(async () => {
    bed.uptimeMilliseconds = 0;
    await bed.dataSource.query('DELETE FROM revocations');
  });
  afterAll(() => bed.close());
  return bed;
}
