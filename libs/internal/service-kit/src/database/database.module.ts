import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { ClientBase } from 'pg';
import type { Logger } from 'pino';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { HealthRegistry } from '../health-registry.js';
import { LOGGER } from '../service-providers.js';
import { stateSettings } from './connection-settings.js';
import { DatabaseConnector } from './database-connector.js';
import { ServiceDataSource } from './service-data-source.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly migrations: NonNullable<DataSourceOptions['migrations']>;
  readonly entities?: NonNullable<DataSourceOptions['entities']>;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** Connections beside them, for work inside `urgently`. Default 0: it uses the others. */
  readonly urgentPoolSize?: number;
  /** How long it may take to connect. Default 2. */
  readonly connectTimeoutSeconds?: number;
  /** How long a statement may take. Default 10. */
  readonly statementTimeoutSeconds?: number;
}

/** A pool of its own beside that of the requests, on the same database. */
export interface SeparatePool {
  /** Injects its `DataSource`. */
  readonly token: symbol;
  readonly poolSize: number;
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
  /** @param separate pools for work that goes on whatever requests do to the others */
  static forRoot(options: DatabaseOptions, separate: readonly SeparatePool[] = []): DynamicModule {
    const tokens = separate.map(({ token }) => token);
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: DataSource, useFactory: () => createDataSource(options) },
        ...separate.map((pool) => separateDataSource(options, pool)),
        {
          provide: DatabaseConnector,
          inject: [DataSource, HealthRegistry, LOGGER, ...tokens],
          useFactory: (
            dataSource: DataSource,
            health: HealthRegistry,
            logger: Logger,
            ...others: DataSource[]
          ) => new DatabaseConnector(dataSource, health, logger, 'database', others),
        },
      ],
      exports: [DataSource, DatabaseConnector, ...tokens],
    };
  }
}

function separateDataSource(options: DatabaseOptions, { token, poolSize }: SeparatePool): Provider {
  const own = { ...options, migrations: [], poolSize, urgentPoolSize: 0 };
  return { provide: token, useFactory: () => createDataSource(own) };
}

/** A data source that is not connected yet. */
export function createDataSource(options: DatabaseOptions): DataSource {
  const { poolSize = 10, urgentPoolSize = 0 } = options;
  const urgent =
    urgentPoolSize > 0
      ? new ServiceDataSource({ ...dataSourceOptions(options, urgentPoolSize), migrations: [] })
      : undefined;
  return new ServiceDataSource(dataSourceOptions(options, poolSize), urgent);
}

function dataSourceOptions(options: DatabaseOptions, poolSize: number): DataSourceOptions {
  const { url, migrations, entities = [] } = options;
  const statementMilliseconds = (options.statementTimeoutSeconds ?? STATEMENT_SECONDS) * 1_000;
  return {
    type: 'postgres',
    url,
    migrations,
    entities,
    poolSize,
    synchronize: false,
    migrationsTransactionMode: 'each',
    // Also the longest wait for a connection while all are in use.
    connectTimeoutMS: (options.connectTimeoutSeconds ?? CONNECT_SECONDS) * 1_000,
    extra: {
      onConnect: (client: ClientBase) => {
        // As a connection passes from the pool to TypeORM, nobody listens for a moment: a server that
        // dies just then would end the process. Whatever the error breaks is told by its own caller.
        client.on('error', () => undefined);
        return stateSettings(client, { statementMilliseconds });
      },
      query_timeout: statementMilliseconds + 1_000,
      keepAlive: true,
      idleTimeoutMillis: IDLE_MILLISECONDS,
    },
  };
}
