import { startTestDataSource, type TestDataSource } from '@latchkey/service-kit/suite';
import type { DataSource } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { SigningKeys1700000001100 } from '../migrations/1700000001100-signing-keys.js';
import { TokenLifetimes1700000003300 } from '../migrations/1700000003300-token-lifetimes.js';
import { LONGEST_TOKEN_LIFETIME_SECONDS } from '../platform/revocation-lifetime.js';
import { TokenLifetimeEntity } from './token-lifetime.entity.js';
import { TokenLifetimes } from './token-lifetimes.js';

describe('TokenLifetimes', () => {
  let database: TestDataSource;
  let dataSource: DataSource;
  let passedSeconds: number;
  const start = Date.now();

  beforeAll(async () => {
    database = await startTestDataSource({
      entities: [TokenLifetimeEntity],
      migrations: [SigningKeys1700000001100, TokenLifetimes1700000003300],
    });
    dataSource = database.source;
  });
  beforeEach(async () => {
    passedSeconds = 0;
    await dataSource.query('DELETE FROM token_lifetimes');
  });
  afterAll(() => database.close());

  const monotonic = () => passedSeconds * 1000;
  const clock = new ServiceClock(() => start + monotonic(), monotonic);
  const replica = (accessTokenLifetimeSeconds: number) =>
    new TokenLifetimes(
      dataSource.getRepository(TokenLifetimeEntity),
      clock,
      { accessTokenLifetimeSeconds },
      monotonic,
    );
  /** How far into the future the lifetime is recorded, in seconds. */
  const ahead = async (lifetimeSeconds: number) => {
    const [row] = await dataSource.query<{ until: number }[]>(
      `SELECT issued_until::float8 AS until FROM token_lifetimes WHERE lifetime_seconds = $1`,
      [lifetimeSeconds],
    );
    return row && row.until - clock.seconds();
  };

  it('assumes the longest allowed lifetime before the first read, and after a stale one', async () => {
    const short = replica(5);
    expect(short.longestSeconds).toBe(LONGEST_TOKEN_LIFETIME_SECONDS);
    await short.refresh();
    expect(short.longestSeconds).toBe(5);
    passedSeconds = 31;
    expect(short.longestSeconds).toBe(LONGEST_TOKEN_LIFETIME_SECONDS);
    await short.readUnlessKnown();
    expect(short.longestSeconds).toBe(5);
  });

  it("counts another replica's lifetime until its last token expires", async () => {
    const [long, short] = [replica(600), replica(5)];
    await long.refresh();
    await short.refresh();
    expect(short.longestSeconds).toBe(600);
    for (const seconds of [300, 600, 900]) {
      passedSeconds = seconds;
      await short.refresh();
      expect(short.longestSeconds).toBe(600);
    }
    passedSeconds = 2_000;
    await short.refresh();
    expect(short.longestSeconds).toBe(5);
  });

  it('records its lifetime ahead of the tokens, with few writes', async () => {
    const long = replica(600);
    const writes = new Set<number | undefined>();
    for (passedSeconds = 0; passedSeconds < 1_800; passedSeconds += 5) {
      await long.refresh();
      const noted = await ahead(600);
      expect(noted).toBeGreaterThan(60);
      writes.add(noted! + passedSeconds);
    }
    expect(writes.size).toBeLessThan(15);
  });

  it('covers a token that is dated further ahead, and never shortens the period', async () => {
    const long = replica(600);
    await long.cover(clock.seconds() + 10_000);
    expect(await ahead(600)).toBeGreaterThanOrEqual(10_000);
    await replica(600).cover(clock.seconds());
    expect(await ahead(600)).toBeGreaterThanOrEqual(10_000);
  });

  it('fails if the lifetime cannot be recorded', async () => {
    await dataSource.query('ALTER TABLE token_lifetimes RENAME TO gone');
    await expect(replica(600).cover(clock.seconds())).rejects.toThrow();
    await dataSource.query('ALTER TABLE gone RENAME TO token_lifetimes');
  });
});
