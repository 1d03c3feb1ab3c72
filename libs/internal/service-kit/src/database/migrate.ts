import { setTimeout as delay } from 'node:timers/promises';
import type { Logger as ServiceLogger } from 'pino';
import { DataSource, MigrationExecutor, type Logger } from 'typeorm';
import { limitMigration } from './migration-limits.js';
import { tryMigrationLock } from './migration-lock.js';
import { MigrationWatch } from './migration-watch.js';

const WAIT_MILLISECONDS = 500;
const CONNECTIONS = 3;

/**
 * Brings a database's schema up to date on separate connections. When several replicas start together, one
 * migrates and the others wait. Replicas without pending migrations do not wait, so that replicas of the previous
 * release can restart during a long migration.
 *
 * @param target the service's data source; it need not be connected
 * @param closing cancels a running migration
 */
export async function migrate(
  target: DataSource,
  logger: ServiceLogger,
  closing: AbortSignal,
): Promise<void> {
  const source = migrationSource(target);
  await source.initialize();
  try {
    for (let logged = false; !closing.aborted && (await hasPending(source)); logged = true) {
      if (await migrateAlone(source, logger, closing)) return;
      if (!logged) logger.info('another replica is migrating the database, waiting for it');
      await delay(WAIT_MILLISECONDS);
    }
  } finally {
    await source.destroy();
  }
}

/** @returns false when another replica holds the migration lock */
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

/** By default TypeORM also prints failures to the console, as plain text. */
const nothing = () => undefined;
const SILENT: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

/** Connections for the migrations, their lock and their watch, without the time limits of requests. */
function migrationSource({ options }: DataSource): DataSource {
  if (options.type !== 'postgres') throw new Error(`cannot migrate a ${options.type} database`);
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
