import { Module, type DynamicModule, type InjectionToken, type Provider } from '@nestjs/common';
import type { ClientBase } from 'pg';
import type { Logger } from 'pino';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { HealthRegistry } from '../health-registry.js';
import { LOGGER } from '../service-providers.js';
import { applySettings } from './connection-settings.js';
import { DatabaseConnector } from './database-connector.js';
import { PostgresNaming } from './postgres-naming.js';
import { ServiceDataSource } from './service-data-source.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly migrations: NonNullable<DataSourceOptions['migrations']>;
  /** Inject their repositories with `TypeOrmModule.forFeature` and `@InjectRepository` of `@nestjs/typeorm`. */
  readonly entities?: NonNullable<DataSourceOptions['entities']>;
  /** The maximum number of connections. Default 10. */
  readonly poolSize?: number;
  /** Connections reserved for work inside `urgently`. Default 0: such work uses the ordinary pool. */
  readonly urgentPoolSize?: number;
  /** Default 2. Also the longest wait for a free connection. */
  readonly connectTimeoutSeconds?: number;
  /** Default 10. */
  readonly statementTimeoutSeconds?: number;
}

/** A separate pool on the same database, which requests cannot exhaust. */
export interface SeparatePool {
  /** Injects the pool's `DataSource`: `getDataSourceToken('name')` for repositories of `@nestjs/typeorm`. */
  readonly token: InjectionToken;
  readonly poolSize: number;
}

const POOL_SIZE = 10;
const CONNECT_SECONDS = 2;
/**
 * A connection costs Postgres a process and a key derivation. With pg-pool's default of 10 seconds, every burst
 * after a short pause would have to open new ones.
 */
const IDLE_MILLISECONDS = 5 * 60_000;
const STATEMENT_SECONDS = 10;

/**
 * One Postgres database. The service connects in the background after it listens, so that its health endpoint
 * can report what it is waiting for. Migrations run under a lock, so that replicas can start together.
 */
@Module({})
export class DatabaseModule {
  /** @param separate pools for work that must not wait behind requests */
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

/** The maximum number of connections for work outside `urgently`. */
export const poolSizeOf = ({ options }: DataSource): number => options.poolSize ?? POOL_SIZE;

/** Creates a data source without connecting it. */
export function createDataSource(options: DatabaseOptions): DataSource {
  const { poolSize = POOL_SIZE, urgentPoolSize = 0 } = options;
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
    namingStrategy: new PostgresNaming(),
    // `@PrimaryGeneratedColumn('uuid')` is then gen_random_uuid(), which needs no extension since Postgres 13.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    poolSize,
    synchronize: false,
    migrationsTransactionMode: 'each',
    // This also limits the wait for a connection while all are in use.
    connectTimeoutMS: (options.connectTimeoutSeconds ?? CONNECT_SECONDS) * 1_000,
    extra: {
      onConnect: (client: ClientBase) => {
        // Between pg-pool and TypeORM a connection has no error listener for a moment, and a server that dies
        // then would end the process. The statement that uses the connection reports the error.
        client.on('error', () => undefined);
        return applySettings(client, { statementMilliseconds });
      },
      query_timeout: statementMilliseconds + 1_000,
      keepAlive: true,
      idleTimeoutMillis: IDLE_MILLISECONDS,
    },
  };
}
