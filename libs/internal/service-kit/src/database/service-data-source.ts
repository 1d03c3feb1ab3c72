import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, type DataSourceOptions, type EntityManager, type QueryRunner } from 'typeorm';
import { POOL_TIMEOUT, PoolBusyError } from './database-unavailable.js';
import { isUrgent } from './urgency.js';

const ATTEMPTS = 4;
const LONGEST_PAUSE_MILLISECONDS = 50;

type IsolationLevel = NonNullable<Parameters<QueryRunner['startTransaction']>[0]>;
type Work<Result> = (manager: EntityManager) => Promise<Result>;

/**
 * A data source that repeats what Postgres rolled back for the sake of a concurrent transaction, and
 * that keeps connections for urgent work.
 *
 * Work given to `transaction` may therefore run more than once: effects outside the database must be
 * harmless to repeat.
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

  override createQueryRunner(...mode: Parameters<DataSource['createQueryRunner']>): QueryRunner {
    if (this.#urgent && isUrgent()) return this.#urgent.createQueryRunner(...mode);
    return super.createQueryRunner(...mode);
  }

  override query<Result>(...statement: Parameters<DataSource['query']>): Promise<Result> {
    const run = () => super.query<Result>(...statement);
    // A given runner can be inside a transaction, of which a single statement must not be repeated.
    return statement[2] === undefined ? repeated(run) : run();
  }

  override transaction<Result>(work: Work<Result>): Promise<Result>;
  override transaction<Result>(isolation: IsolationLevel, work: Work<Result>): Promise<Result>;
  override transaction<Result>(
    isolation: IsolationLevel | Work<Result>,
    work?: Work<Result>,
  ): Promise<Result> {
    return repeated(() =>
      typeof isolation === 'function'
        ? super.transaction(isolation)
        : super.transaction(isolation, work!),
    );
  }
}

/** Repeats what failed because of a concurrent transaction, after a short and random pause. */
async function repeated<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !isConflict(error)) throw inOurWords(error);
      await delay(Math.random() * LONGEST_PAUSE_MILLISECONDS);
    }
  }
}

/** serialization_failure and deadlock_detected: Postgres has rolled the transaction back. */
const CONFLICTS = ['40001', '40P01'];

function isConflict(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && CONFLICTS.includes(code);
}

/** pg-pool's own words sound as if the database could not be reached. */
function inOurWords(error: unknown): unknown {
  const isPools = error instanceof Error && POOL_TIMEOUT.test(error.message);
  return isPools ? new PoolBusyError({ cause: error }) : error;
}
