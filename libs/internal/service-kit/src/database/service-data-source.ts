import { Backoff } from '@latchkey/contracts/backoff';
import { DataSource, type DataSourceOptions, type EntityManager, type QueryRunner } from 'typeorm';
import { POOL_TIMEOUT, PoolBusyError } from './database-unavailable.js';
import { tracedStatement } from './traced-statement.js';
import { isUrgent } from './urgency.js';

const ATTEMPTS = 4;
/** Each delay is random as a whole, so that transactions that collided do not collide again. */
const BACKOFF = { firstMilliseconds: 12, maxMilliseconds: 50, jitter: 1 };

type IsolationLevel = NonNullable<Parameters<QueryRunner['startTransaction']>[0]>;
type Work<Result> = (manager: EntityManager) => Promise<Result>;

/**
 * A data source that retries statements and transactions that Postgres rolled back because of a
 * concurrent transaction, and that reserves connections for urgent work.
 *
 * Callbacks passed to `transaction` may therefore run more than once: their effects outside the database
 * must be idempotent.
 */
export class ServiceDataSource extends DataSource {
  readonly #urgent: DataSource | undefined;

  constructor(options: DataSourceOptions, urgent?: DataSource) {
    super(options);
    this.#urgent = urgent;
  }

  override async initialize(): Promise<this> {
    if (this.#urgent && !this.#urgent.isInitialized) await this.#urgent.initialize();
    return super.initialize();
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    if (this.#urgent?.isInitialized) await this.#urgent.destroy();
  }

  /** Repositories and query builders also take their connections here. */
  override createQueryRunner(...mode: Parameters<DataSource['createQueryRunner']>): QueryRunner {
    if (this.#urgent && isUrgent()) return this.#urgent.createQueryRunner(...mode);
    return retryingStatements(super.createQueryRunner(...mode));
  }

  override transaction<Result>(work: Work<Result>): Promise<Result>;
  override transaction<Result>(isolation: IsolationLevel, work: Work<Result>): Promise<Result>;
  override transaction<Result>(
    isolation: IsolationLevel | Work<Result>,
    work?: Work<Result>,
  ): Promise<Result> {
    return retried(() =>
      typeof isolation === 'function'
        ? super.transaction(isolation)
        : super.transaction(isolation, work!),
    );
  }
}

/** A statement inside a transaction cannot be retried alone, because the whole transaction was rolled back. */
function retryingStatements(runner: QueryRunner): QueryRunner {
  const send = runner.query.bind(runner) as (...statement: unknown[]) => Promise<unknown>;
  const query = (...statement: unknown[]) =>
    tracedStatement(String(statement[0]), () => send(...statement));
  const retryingQuery = (...statement: unknown[]): Promise<unknown> =>
    runner.isTransactionActive ? query(...statement) : retried(() => query(...statement));
  return Object.assign(runner, { query: retryingQuery });
}

async function retried<Result>(run: () => Promise<Result>): Promise<Result> {
  const backoff = new Backoff(BACKOFF);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !isConflict(error)) throw withPoolBusy(error);
      await backoff.wait();
    }
  }
}

/** serialization_failure and deadlock_detected: Postgres has rolled the transaction back. */
const CONFLICTS = ['40001', '40P01'];

function isConflict(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && CONFLICTS.includes(code);
}

/** pg-pool's message reads as if the database were unreachable, although the pool is only exhausted. */
function withPoolBusy(error: unknown): unknown {
  const fromPool = error instanceof Error && POOL_TIMEOUT.test(error.message);
  return fromPool ? new PoolBusyError({ cause: error }) : error;
}
