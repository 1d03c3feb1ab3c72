import { createDataSource, deleteExpired } from '@latchkey/service-kit';
import {
  makeDatabaseClock,
  startTestDatabase,
  waitFor,
  type TestDatabase,
} from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { LoginThrottle1700000000300 } from '../../migrations/1700000000300-login-throttle.js';
import { CounterEntity } from './counter.entity.js';
import { CounterStore, EXPIRING_COUNTERS } from './counter-store.js';
import { LoginThrottle } from './login-throttle.js';

let guesses = 0;
const wrong = () => {
  guesses += 1;
  return Promise.resolve(undefined);
};
const right = () => Promise.resolve('in');

describe('LoginThrottle', () => {
  let database: TestDatabase;
  let sources: DataSource[];
  let throttle: LoginThrottle;
  let otherReplica: LoginThrottle;

  beforeAll(async () => {
    database = await startTestDatabase();
    // A delay must not end while a slow machine is still making the attempts.
    await (await makeDatabaseClock(database.url)).stop();
    sources = [1, 2].map(() =>
      createDataSource({
        url: database.url,
        entities: [CounterEntity],
        migrations: [LoginThrottle1700000000300],
      }),
    );
    for (const source of sources) await source.initialize();
    await sources[0]!.runMigrations();
    const log = pino({ level: 'silent' });
    throttle = new LoginThrottle(new CounterStore(sources[0]!), log);
    otherReplica = new LoginThrottle(new CounterStore(sources[1]!), log);
  });
  afterAll(async () => {
    for (const source of sources) await source.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    guesses = 0;
    await sources[0]!.query('TRUNCATE login_throttle');
  });

  const outcomes = async (attempts: Promise<unknown>[]) => {
    const settled = await Promise.allSettled(attempts);
    return settled.map((one) =>
      one.status === 'rejected' ? (one.reason as { status?: number }).status : one.value,
    );
  };

  const waitingForRows = async () => {
    const [{ count }] = await sources[1]!.query<[{ count: number }]>(
      `SELECT count(*)::int FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return count;
  };

  it('counts concurrent attempts on two replicas together', async () => {
    const attempts = Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? throttle : otherReplica).attempt('ada', '203.0.113.1', wrong),
    );
    const refused = (await outcomes(attempts)).filter((status) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(guesses).toBeLessThanOrEqual(11);
  });

  it('leaves connections and turns to others while attempts from one address wait', async () => {
    const order: string[] = [];
    const attempt = (account: string, address: string) =>
      throttle.attempt(account, address, wrong).finally(() => order.push(address));
    await throttle.attempt('ada', '203.0.113.1', wrong);
    const holder = sources[1]!.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT key FROM login_throttle FOR UPDATE');
    const flood = Array.from({ length: 50 }, () => attempt('ada', '203.0.113.1'));
    await waitFor(async () => (await waitingForRows()) > 0);
    const other = attempt('grace', '203.0.113.2');
    await expect(sources[0]!.query('SELECT 1')).resolves.toHaveLength(1);
    await holder.rollbackTransaction();
    await holder.release();
    await Promise.all([other, Promise.allSettled(flood)]);
    // Ten connections: five attempts were waiting for the rows, and a few more may overtake in their turns.
    expect(order.indexOf('203.0.113.2')).toBeLessThan(15);
  });

  it('announces when to retry, for existing and unknown names alike', async () => {
    for (const account of ['ada', 'nobody-has-this-name'])
      for (let attempt = 0; attempt < 11; attempt += 1)
        await throttle.attempt(account, '203.0.113.1', wrong);
    for (const account of ['ada', 'nobody-has-this-name'])
      await expect(throttle.attempt(account, '203.0.113.1', right)).rejects.toMatchObject({
        status: 429,
        code: 'too_many_attempts',
        details: { headers: { 'retry-after': '1' } },
      });
  });

  it('admits the owner from a familiar address during an attack', async () => {
    expect(await throttle.attempt('ada', 'home', right)).toBe('in');
    const bots = Array.from({ length: 60 }, (_, bot) => `bot-${bot}`);
    await outcomes(bots.map((bot) => throttle.attempt('ada', bot, wrong)));
    await expect(throttle.attempt('ada', 'hotel', right)).rejects.toMatchObject({ status: 429 });
    expect(await otherReplica.attempt('ada', 'home', right)).toBe('in');
  });

  it('does not count attempts that were never judged', async () => {
    const broken = () => Promise.reject(new Error('the queue is full'));
    for (let attempt = 0; attempt < 30; attempt += 1)
      await expect(throttle.attempt('ada', 'home', broken)).rejects.toThrow('the queue is full');
    expect(await throttle.attempt('ada', 'home', right)).toBe('in');
  });

  it('slows down an address that tries many accounts', async () => {
    const attempt = (name: string) => throttle.attempt(name, '203.0.113.1', wrong);
    await outcomes(Array.from({ length: 110 }, (_, index) => attempt(`user-${index}`)));
    // On a slow machine, some of them waited too long for their turn (503).
    await waitFor(async () => (await outcomes([attempt(randomUUID())])).includes(429));
    expect(guesses).toBeLessThanOrEqual(101);
    expect(await throttle.attempt('ada', '203.0.113.2', right)).toBe('in');
  });

  it('stores neither names nor addresses, and forgets old counters', async () => {
    await throttle.attempt('my password, typed too early', '203.0.113.1', wrong);
    await throttle.attempt('ada', '203.0.113.2', right);
    const age = `UPDATE login_throttle SET touched_at = touched_at - interval '91 minutes'`;
    const rows = await sources[0]!.query<object[]>('SELECT * FROM login_throttle');
    expect(JSON.stringify(rows)).not.toMatch(/password|203/);
    await deleteExpired(sources[0]!, EXPIRING_COUNTERS);
    expect(await sources[0]!.query('SELECT FROM login_throttle')).toHaveLength(6);
    await sources[0]!.query(age);
    await deleteExpired(sources[0]!, EXPIRING_COUNTERS);
    // The remaining row is the familiar address, which is kept longer.
    expect(await sources[0]!.query('SELECT FROM login_throttle')).toHaveLength(1);
  });
});
