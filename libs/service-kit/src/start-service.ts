import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import type { DestinationStream, Logger } from 'pino';
import { HealthRegistry } from './health-registry.js';
import { createHttpAdapter, DEFAULT_LIMITS, type ServerLimits } from './http-server.js';
import { createLogger, NestLog } from './logger.js';
import { MetricsRegistry } from './metrics-registry.js';
import { addOpenApi, type OpenApiOptions } from './open-api.js';
import { addOperationsRoutes } from './operations-routes.js';
import { ProblemFilter } from './problem-filter.js';
import { addRequestHooks } from './request-hooks.js';
import { SchemaValidationPipe } from './schema-validation.pipe.js';
import { ServiceProviders } from './service-providers.js';
import type { TrustedProxies } from './trusted-proxies.js';

export interface ServiceOptions {
  readonly name: string;
  readonly module: Type | DynamicModule;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logLevel: string;
  readonly openApi: OpenApiOptions;
  /** Whose `X-Forwarded-For` is believed. Default: nobody's. */
  readonly trustProxy?: TrustedProxies | false;
  /** Of the public address, if that has one: a proxy may keep it or strip it. Default `/`. */
  readonly basePath?: string;
  readonly limits?: Partial<ServerLimits>;
  /** What `GET /` names beside the documentation and the health, as paths. */
  readonly links?: Readonly<Record<string, string>>;
  /** Called before the service listens, for plugins such as cookies. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Where log lines go instead of standard output. */
  readonly logDestination?: DestinationStream;
  /** Whether SIGTERM and SIGINT end the process. Default true. */
  readonly handleSignals?: boolean;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly port: number;
  /** Finishes what is in flight, closes what is open. */
  close(): Promise<void>;
}

const SHUTDOWN_MILLISECONDS = 10_000;

/** Starts a service the way all of Latchkey's services start. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const logger = createLogger(options.name, options.logLevel, options.logDestination);
  const adapter = createHttpAdapter(
    { ...DEFAULT_LIMITS, ...options.limits },
    options.trustProxy ?? false,
    options.basePath ?? '/',
  );
  const app = await NestFactory.create<NestFastifyApplication>(
    rootModule(options, logger),
    adapter,
    {
      logger: new NestLog(logger),
      abortOnError: false,
    },
  );
  prepare(app, logger, options);
  await options.configure?.(app);
  addOpenApi(app, options.openApi);
  await app.listen(options.port, options.host);
  const service = running(app, options, logger);
  if (options.handleSignals ?? true) closeOnSignals(service, logger);
  logger.info({ url: service.url }, 'listening');
  return service;
}

function rootModule(options: ServiceOptions, logger: Logger): DynamicModule {
  return { module: RootModule, imports: [ServiceProviders.forRoot(logger), options.module] };
}

/** Holds what every service has, and the service's own module. */
@Module({})
class RootModule {}

function prepare(app: NestFastifyApplication, logger: Logger, options: ServiceOptions): void {
  const fastify = app.getHttpAdapter().getInstance();
  const metrics = app.get(MetricsRegistry);
  const health = app.get(HealthRegistry);
  addRequestHooks(fastify, logger, metrics, health);
  addOperationsRoutes(fastify, health, metrics, options);
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalPipes(new SchemaValidationPipe());
}

function running(
  app: NestFastifyApplication,
  options: ServiceOptions,
  logger: Logger,
): RunningService {
  const { port } = app.getHttpServer().address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async () => {
    app.get(HealthRegistry).shutDown();
    logger.info('shutting down');
    await app.close();
  };
  return {
    app,
    port,
    url: `http://${options.host}:${port}`,
    close: () => (closing ??= close()),
  };
}

function closeOnSignals(service: RunningService, logger: Logger): void {
  const end = (signal: NodeJS.Signals) => {
    const late = setTimeout(() => {
      logger.error({ signal }, 'shutdown took too long');
      process.exit(1);
    }, SHUTDOWN_MILLISECONDS);
    late.unref();
    service.close().then(
      () => process.exit(0),
      (err: unknown) => {
        logger.error({ err }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}
