import { poolSizeOf, type ExpiringRows } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { FairQueue } from '../../platform/admission/fair-queue.js';
import {
  FORGET_AFTER_MILLISECONDS,
  NEW_COUNTER,
  type Counter,
  type CounterChanges,
  type Counters,
} from './throttle-policy.js';
import { CounterEntity } from './counter.entity.js';

export type CounterKeys = Readonly<Record<keyof Counters, Buffer>>;

interface CounterRow {
  key: Buffer;
  failures: number;
  blocked_until: number;
  has_turn: boolean;
  familiar_until: number;
  touched_at: number;
}

interface Bucket {
  readonly burst: number;
  readonly refillSeconds: number;
}

const KINDS = ['account', 'address', 'pair'] as const;
const milliseconds = (time: string) => `(extract(epoch FROM ${time}) * 1000)::float8`;

/** Postgres has infinite timestamps too, so `Infinity` needs no special case. */
const timestamp = (parameter: string) => `to_timestamp(:${parameter}::float8 / 1000)`;

function digest(...parts: readonly string[]): Buffer {
  const hash = createHash('sha256');
  // The length prefix keeps ['ab', 'c'] and ['a', 'bc'] from colliding.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest();
}

/**
 * Throttle counters in Postgres, shared by all replicas and timed by the database's clock. Raw SQL is
 * used where rows are locked, and where the database compares times, which a `Date` cannot hold exactly.
 */
@Injectable()
export class CounterStore {
  /**
   * Attempts from one address wait for the same row, each with a connection of its own. Half of the pool
   * remains for everybody else, and addresses take turns at the other half.
   */
  readonly #turns: FairQueue;

  constructor(private readonly dataSource: DataSource) {
    const concurrency = Math.floor(poolSizeOf(dataSource) / 2);
    this.#turns = new FairQueue({ concurrency, maxWaiting: 1_000, maxWaitMilliseconds: 5_000 });
  }

  keysOf(account: string, address: string): CounterKeys {
    return {
      account: digest('account', account),
      address: digest('address', address),
      pair: digest('pair', account, address),
    };
  }

  /**
   * Reads, decides and writes atomically; attempts that share a counter run one after the other.
   *
   * @throws ProblemError 503 if too many attempts wait
   */
  change<Outcome extends { readonly changes: CounterChanges }>(
    keys: CounterKeys,
    decide: (counters: Counters, now: number) => Outcome,
  ): Promise<Outcome> {
    const change = (manager: EntityManager) => this.#change(manager, keys, decide);
    return this.#turns.run({ key: keys.address.toString('hex') }, () =>
      this.dataSource.transaction(change),
    );
  }

  async #change<Outcome extends { readonly changes: CounterChanges }>(
    manager: EntityManager,
    keys: CounterKeys,
    decide: (counters: Counters, now: number) => Outcome,
  ): Promise<Outcome> {
    const rows = await this.#lock(manager, keys);
    const now = await clock(manager);
    const outcome = decide(
      {
        account: counterOf(rows, keys.account, now),
        address: counterOf(rows, keys.address, now),
        pair: counterOf(rows, keys.pair, now),
      },
      now,
    );
    for (const kind of KINDS) {
      const counter = outcome.changes[kind];
      if (counter) await this.#write(manager, keys[kind], counter);
    }
    return outcome;
  }

  /**
   * Takes a token from a bucket of `burst` tokens that regains one every `refillSeconds` (generic cell
   * rate algorithm). `blocked_until` is the time at which the bucket is full again.
   *
   * @returns 0 if a token was taken, otherwise the seconds until the next one
   * @throws ProblemError 503 if too many attempts wait
   */
  spend(name: readonly string[], bucket: Bucket): Promise<number> {
    const key = digest(...name);
    return this.#turns.run({ key: key.toString('hex') }, () => this.#spend(key, bucket));
  }

  async #spend(key: Buffer, { burst, refillSeconds }: Bucket): Promise<number> {
    const tolerance = (burst - 1) * refillSeconds;
    const [spent] = await this.dataSource.query<object[]>(
      `INSERT INTO login_throttle AS counter (key, blocked_until)
       VALUES ($1, clock_timestamp() + make_interval(secs => $2))
       ON CONFLICT (key) DO UPDATE
       SET blocked_until = greatest(counter.blocked_until, clock_timestamp())
                           + make_interval(secs => $2),
           touched_at = clock_timestamp()
       WHERE counter.blocked_until <= clock_timestamp() + make_interval(secs => $3)
       RETURNING key`,
      [key, refillSeconds, tolerance],
    );
    if (spent) return 0;
    const left = 'extract(epoch FROM blocked_until - clock_timestamp())::float8';
    const row = await this.dataSource
      .createQueryBuilder(CounterEntity, 'counter')
      .select(`${left} - :tolerance::float8`, 'wait')
      .where({ key })
      .setParameters({ tolerance })
      .getRawOne<{ wait: number }>();
    // A token may have come back between the two statements.
    return Math.max(1, row?.wait ?? 0);
  }

  /** Locks the rows in key order, so that concurrent attempts cannot deadlock. */
  async #lock(manager: EntityManager, keys: CounterKeys): Promise<CounterRow[]> {
    const sorted = Object.values(keys).sort((a, b) => a.compare(b));
    await manager
      .createQueryBuilder()
      .insert()
      .into(CounterEntity)
      .values(sorted.map((key) => ({ key })))
      .orIgnore()
      .updateEntity(false)
      .execute();
    return manager.query<CounterRow[]>(
      `SELECT key, failures, has_turn, ${milliseconds('blocked_until')} AS blocked_until,
              ${milliseconds('familiar_until')} AS familiar_until,
              ${milliseconds('touched_at')} AS touched_at
       FROM login_throttle WHERE key IN ($1, $2, $3) ORDER BY key FOR UPDATE`,
      sorted,
    );
  }

  async #write(manager: EntityManager, key: Buffer, counter: Counter): Promise<void> {
    const { failures, hasTurn, blockedUntil, familiarUntil } = counter;
    await manager
      .createQueryBuilder()
      .update(CounterEntity)
      .set({
        ...{ failures, hasTurn },
        blockedUntil: () => timestamp('blockedUntil'),
        familiarUntil: () => timestamp('familiarUntil'),
        touchedAt: () => 'clock_timestamp()',
      })
      .where({ key })
      .setParameters({ blockedUntil, familiarUntil })
      .execute();
  }
}

/**
 * Counters that no longer have an effect. The rest are bounded by the rate of password checks, plus one
 * row for each familiar address of an account.
 */
export const EXPIRING_COUNTERS: ExpiringRows = {
  table: 'login_throttle',
  expiredAt: 'greatest(touched_at, familiar_until, blocked_until)',
  type: 'timestamptz',
  keepSeconds: FORGET_AFTER_MILLISECONDS / 1000,
};

/** Read after the counters are locked, because an earlier time could precede their `touched_at`. */
async function clock(manager: EntityManager): Promise<number> {
  const [{ now }] = await manager.query<[{ now: number }]>(
    `SELECT ${milliseconds('clock_timestamp()')} AS now`,
  );
  return now;
}

function counterOf(rows: readonly CounterRow[], key: Buffer, now: number): Counter {
  const row = rows.find((candidate) => candidate.key.equals(key));
  if (!row) return NEW_COUNTER;
  // The database's clock was ahead when it wrote this row: count the remaining delay from now.
  const ahead = Math.max(0, row.touched_at - now);
  const forgotten = now - row.touched_at > FORGET_AFTER_MILLISECONDS;
  return {
    failures: forgotten ? 0 : row.failures,
    blockedUntil: row.blocked_until - ahead,
    hasTurn: row.has_turn,
    familiarUntil: row.familiar_until,
  };
}
