import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Server, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { DestinationStream, Logger } from 'pino';
import { addCors, type CorsOptions } from './cors.js';
import { HealthRegistry } from './health-registry.js';
import { createHttpAdapter, DEFAULT_LIMITS, type ServerLimits } from './http-server.js';
import { LiveEvents } from './live/live-events.js';
import { addLiveRoute } from './live/live-route.js';
import { createLogger, NestLog } from './logger.js';
import { ManagementPort } from './management-port.js';
import { MetricsRegistry } from './metrics-registry.js';
import { addOpenApi, type OpenApiOptions } from './open-api/open-api.js';
import { addOperationsRoutes } from './operations-routes.js';
import { ProblemFilter } from './problem-filter.js';
import { addRequestHooks } from './request-hooks.js';
import { SchemaValidationPipe } from './schema-validation.pipe.js';
import { ServiceProviders } from './service-providers.js';
import { addStaticPage, type StaticPage } from './static-page.js';
import { startTracing } from './tracing/start-tracing.js';
import type { Tracing } from './tracing/tracing.js';
import type { TracingOptions } from './tracing/tracing-options.js';
import type { TrustedProxies } from './trusted-proxies.js';

export interface ServiceOptions extends CorsOptions {
  readonly name: string;
  readonly module: Type | DynamicModule;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** A separate port for health, metrics and documentation; 0 picks a free port. Default: `port`. */
  readonly managementPort?: number | undefined;
  /** How long the service keeps serving during shutdown, while it reports that it is not ready. Default 0. */
  readonly drainSeconds?: number;
  readonly logLevel: string;
  readonly openApi: OpenApiOptions;
  /** The proxies whose `X-Forwarded-For` is trusted. Default: none. */
  readonly trustProxy?: TrustedProxies | false;
  /** The path of the public URL, which the proxy may keep or strip. Default `/`. */
  readonly basePath?: string;
  readonly limits?: Partial<ServerLimits>;
  /** Whether `GET /live/events` streams the service's state, on the management port if there is one. Default false. */
  readonly liveEvents?: boolean;
  /** The destination of traces. Default: none. */
  readonly tracing?: TracingOptions | undefined;
  /** Further paths that `GET /` lists. */
  readonly links?: Readonly<Record<string, string>>;
  /** A page that the service serves, and to which `GET /` sends browsers. Default: none. */
  readonly page?: StaticPage | undefined;
  /** Called before the service listens, for plugins such as cookies. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Receives the log lines instead of standard output. */
  readonly logDestination?: DestinationStream;
  /** Whether SIGTERM and SIGINT shut the service down and end the process. Default true. */
  readonly handleSignals?: boolean;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly port: number;
  /** The management port, if there is one. */
  readonly managementPort: number | undefined;
  /** Reports not ready, waits for the drain time, finishes requests in flight, and closes all connections. */
  close(): Promise<void>;
}

const SHUTDOWN_MILLISECONDS = 10_000;
const LAST_REQUESTS_MILLISECONDS = 500;
/** A proxy must try to connect for at least this long (deploy/Caddyfile). */
const READY_MILLISECONDS = 5_000;

/** Starts a Latchkey service. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const logger = createLogger(options.name, options.logLevel, options.logDestination);
  const tracing = await startTracing(options.name, options.tracing, logger);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { trustProxy = false, basePath = '/' } = options;
  const adapter = createHttpAdapter(limits, trustProxy, basePath);
  const app = await NestFactory.create<NestFastifyApplication>(
    rootModule(options, logger),
    adapter,
    {
      logger: new NestLog(logger),
      abortOnError: false,
    },
  );
  const management = managementPortOf(app, options);
  await addCors(app.getHttpAdapter().getInstance(), options, management);
  prepare(app, logger, options, management);
  await options.configure?.(app);
  addOpenApi(app, options.openApi);
  await listen(app, options, limits, management);
  const service = running(app, options, logger, { management, tracing });
  if (options.handleSignals ?? true) closeOnSignals(service, logger, options.drainSeconds ?? 0);
  logger.info({ url: service.url, managementPort: service.managementPort }, 'listening');
  return service;
}

/**
 * A proxy sends requests as soon as it can connect. If there is a management port for the health checks, the main
 * port is therefore opened only when the service is ready, or after a deadline, to answer with a 503.
 */
async function listen(
  app: NestFastifyApplication,
  { port, managementPort, host }: ServiceOptions,
  limits: ServerLimits,
  management: ManagementPort | undefined,
): Promise<void> {
  try {
    if (management) {
      await app.init();
      await app.getHttpAdapter().getInstance().ready();
      await management.listen(managementPort ?? 0, host, limits);
      await app.get(HealthRegistry).untilReady(READY_MILLISECONDS);
    }
    await app.listen(port, host);
  } catch (error) {
    await management?.close();
    await app.close();
    throw error;
  }
}

function managementPortOf(
  app: NestFastifyApplication,
  { port, managementPort }: ServiceOptions,
): ManagementPort | undefined {
  if (managementPort === undefined) return undefined;
  if (managementPort === port && port !== 0) {
    throw new Error(`MANAGEMENT_PORT and PORT are both ${port}. Change or remove MANAGEMENT_PORT.`);
  }
  return new ManagementPort(app.getHttpAdapter().getInstance());
}

function rootModule(options: ServiceOptions, logger: Logger): DynamicModule {
  const { name, liveEvents = false } = options;
  const common = ServiceProviders.forRoot(logger, { name, liveEvents });
  return { module: RootModule, imports: [common, options.module] };
}

/** Imports the common providers and the service's own module. */
@Module({})
class RootModule {}

function prepare(
  app: NestFastifyApplication,
  logger: Logger,
  options: ServiceOptions,
  management: ManagementPort | undefined,
): void {
  const fastify = app.getHttpAdapter().getInstance();
  const metrics = app.get(MetricsRegistry);
  const health = app.get(HealthRegistry);
  addRequestHooks(fastify, logger, metrics, health);
  management?.separate();
  addOperationsRoutes(fastify, health, metrics, options, management);
  if (options.page) addStaticPage(fastify, options.page, options.basePath ?? '/');
  if (options.liveEvents) addLiveRoute(fastify, app.get(LiveEvents));
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalPipes(new SchemaValidationPipe());
}

function running(
  app: NestFastifyApplication,
  options: ServiceOptions,
  logger: Logger,
  { management, tracing }: { management: ManagementPort | undefined; tracing: Tracing | undefined },
): RunningService {
  const { port } = app.getHttpServer().address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async () => {
    app.get(HealthRegistry).shutDown();
    // First, because neither port closes before its last response has ended.
    app.get(LiveEvents).close();
    logger.info('shutting down');
    if (options.drainSeconds) await drain(app, options.drainSeconds);
    await app.close();
    // Last, so that health checks are answered until the end.
    await management?.close();
    await tracing?.stop();
  };
  return {
    app,
    port,
    managementPort: management?.number,
    url: `http://${options.host}:${port}`,
    close: () => (closing ??= close()),
  };
}

/**
 * Proxies need a moment to notice that the service is no longer ready, and connect until the port is closed. Node's
 * HTTP `close` also cuts connections that have just been accepted and have not sent a request yet, so the port is
 * closed first and those connections get a moment for their requests.
 */
async function drain(app: NestFastifyApplication, seconds: number): Promise<void> {
  await delay(seconds * 1_000);
  Server.prototype.close.call(app.getHttpServer());
  await delay(LAST_REQUESTS_MILLISECONDS);
}

function closeOnSignals(service: RunningService, logger: Logger, drainSeconds: number): void {
  const end = (signal: NodeJS.Signals) => {
    const late = setTimeout(
      () => {
        logger.error({ signal }, 'shutdown took too long');
        process.exit(1);
      },
      drainSeconds * 1_000 + SHUTDOWN_MILLISECONDS,
    );
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
