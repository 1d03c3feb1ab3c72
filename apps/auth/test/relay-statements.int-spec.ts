import { recordStatements } from '@latchkey/service-kit/suite';
import { startTestNats, waitFor, type TestDatabase, type TestNats } from '@latchkey/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { startReplica, type Replica } from './relay-fixture.js';
import { startAuthDatabase } from './auth-database.js';

const NOBODY = { onStream: () => undefined, onWatermark: () => undefined };

describe('the number of SQL statements', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let replica: Replica;
  let connection: NatsConnection;

  beforeAll(async () => {
    [database, nats] = await Promise.all([startAuthDatabase(), startTestNats()]);
    const { servers, pass } = nats.credentials('auth');
    replica = await startReplica(database.url, servers, pass);
    await replica.dataSource.runMigrations();
    await replica.ring.maintain();
    // The relay does not run by itself, because the statements of its rounds would count too.
    replica.link.onApplicationBootstrap();
    connection = await waitFor(() => replica.link.connection(1_000));
    await replica.round.run(connection, NOBODY);
  });
  afterAll(async () => {
    await replica.end();
    await nats.close();
    await database.drop();
  });

  const statementsOf = async (work: () => Promise<unknown>) =>
    (await recordStatements(work)).length;
  const round = () => replica.round.run(connection, NOBODY);

  it('is 11 for a round of the relay without revocations', async () => {
    expect(await statementsOf(round)).toBe(11);
    // In addition, each round counts the backlog before and afterwards.
    expect(await statementsOf(() => replica.outbox.backlog())).toBe(1);
  });

  it('is 2 more for a round that publishes revocations', async () => {
    for (const session of ['s-1', 's-2', 's-3']) await replica.revoke(session);
    expect(await statementsOf(round)).toBe(13);
    expect(await replica.outbox.backlog()).toBe(0);
  });

  it('is 3 for the transaction of a log-out, and 2 for its publication', async () => {
    let id = '';
    expect(await statementsOf(async () => ({ id } = await replica.revoke('s-4')))).toBe(3);
    const { epoch } = await replica.streamRecord.stream();
    const to = { connection, epoch, timeoutMilliseconds: 2_000 };
    expect(await statementsOf(() => replica.publisher.publish([id], to))).toBe(2);
    expect(await replica.outbox.backlog()).toBe(0);
  });

  it('is 5 for a new epoch', async () => {
    const { epoch } = await replica.streamRecord.stream();
    expect(await statementsOf(() => replica.streamRecord.beginNewEpoch(epoch))).toBe(5);
  });

  it('is 2 for the keys and the time', async () => {
    expect(await statementsOf(() => replica.ring.load())).toBe(2);
  });
});
