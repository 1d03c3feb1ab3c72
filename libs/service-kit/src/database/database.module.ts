import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { HealthRegistry } from '../health-registry.js';
import { LOGGER } from '../service-providers.js';
import { DatabaseConnector } from './database-connector.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly migrations: NonNullable<DataSourceOptions['migrations']>;
  readonly entities?: NonNullable<DataSourceOptions['entities']>;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** How long it may take to connect. Default 2. */
  readonly connectTimeoutSeconds?: number;
  /** How long a statement may take. Default 10. */
  readonly statementTimeoutSeconds?: number;
}

const CONNECT_SECONDS = 2;
/**
 * A connection costs Postgres a process and a key derivation. The pool's own 10 seconds would end those
 * of a pause, and have them made again by the burst that follows it.
 */
const IDLE_MILLISECONDS = 5 * 60_000;
const STATEMENT_SECONDS = 10;

/**
 * One Postgres database. The service listens first and connects in the background, so that it says
 * what it waits for; migrations run under a lock, so that replicas may start together.
 */
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: DataSource, useFactory: () => createDataSource(options) },
        {
          provide: DatabaseConnector,
          inject: [DataSource, HealthRegistry, LOGGER],
          useFactory: (...parts: ConstructorParameters<typeof DatabaseConnector>) =>
            new DatabaseConnector(...parts),
        },
      ],
      exports: [DataSource, DatabaseConnector],
    };
  }
}

/** A data source that is not connected yet. */
export function createDataSource(options: DatabaseOptions): DataSource {
  const { url, migrations, entities = [], poolSize = 10 } = options;
  const statementMilliseconds = (options.statementTimeoutSeconds ?? STATEMENT_SECONDS) * 1_000;
  return new DataSource({
    type: 'postgres',
    url,
    migrations,
    entities,
    poolSize,
    synchronize: false,
    migrationsTransactionMode: 'each',
    connectTimeoutMS: (options.connectTimeoutSeconds ?? CONNECT_SECONDS) * 1_000,
    extra: {
      statement_timeout: statementMilliseconds,
      idle_in_transaction_session_timeout: statementMilliseconds,
      query_timeout: statementMilliseconds + 1_000,
      keepAlive: true,
      idleTimeoutMillis: IDLE_MILLISECONDS,
    },
  });
}
