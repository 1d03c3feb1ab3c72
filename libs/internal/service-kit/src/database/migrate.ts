import { setTimeout as delay } from 'node:timers/promises';
import type { Logger as ServiceLogger } from 'pino';
import { DataSource, MigrationExecutor, type Logger } from 'typeorm';
import { limitMigration } from './migration-limits.js';
import { tryMigrationLock } from './migration-lock.js';
import { MigrationWatch } from './migration-watch.js';

const WAIT_MILLISECONDS = 500;
const CONNECTIONS = 3;

/**
 * Brings a database's schema up to date, on connections of its own. Of replicas that start together one
 * does it and the others wait. Those with nothing to do wait for nobody, so that replicas of the previous
 * release can be restarted while a long migration runs.
 *
 * @param target of the service; need not be connected
 * @param closing cancels what runs
 */
export async function migrate(
  target: DataSource,
  logger: ServiceLogger,
  closing: AbortSignal,
): Promise<void> {
  const source = migrationSource(target);
  await source.initialize();
  try {
    for (let told = false; !closing.aborted && (await hasPending(source)); told = true) {
      if (await migrateAlone(source, logger, closing)) return;
      if (!told) logger.info('another replica migrates the database, waiting for it');
      await delay(WAIT_MILLISECONDS);
    }
  } finally {
    await source.destroy();
  }
}

/** @returns false when another replica is doing it */
async function migrateAlone(
  source: DataSource,
  logger: ServiceLogger,
  closing: AbortSignal,
): Promise<boolean> {
  const holder = source.createQueryRunner();
  try {
    if (!(await tryMigrationLock(holder))) return false;
    const watch = new MigrationWatch(source, holder, logger, closing);
    for (const migration of source.migrations) limitMigration(migration, watch.started);
    await watch.during(source.runMigrations());
    await holder.rollbackTransaction();
    return true;
  } finally {
    await holder.release();
  }
}

async function hasPending(source: DataSource): Promise<boolean> {
  return (await new MigrationExecutor(source).getPendingMigrations()).length > 0;
}

/** TypeORM writes failures to the console itself, as text. They are thrown as well. */
const nothing = () => undefined;
const SILENT: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

/** Connections for the migrations, for their lock and for a look at them, without the limits of a service's requests. */
function migrationSource({ options }: DataSource): DataSource {
  if (options.type !== 'postgres') throw new Error(`cannot migrate a database of ${options.type}`);
  return new DataSource({
    ...options,
    entities: [],
    poolSize: CONNECTIONS,
    migrationsTransactionMode: 'each',
    applicationName: 'latchkey migrations',
    logger: SILENT,
    extra: {
      ...(options.extra as object),
      max: CONNECTIONS,
      statement_timeout: 0,
      lock_timeout: 0,
      idle_in_transaction_session_timeout: 0,
      query_timeout: 0,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    },
  });
}
