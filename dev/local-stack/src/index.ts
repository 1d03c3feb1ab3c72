export { canEnter, databaseUser, giveTo, type DatabaseUser } from './database-user.js';
export { ensureChromium } from './ensure-chromium.js';
export { ensureNatsServer } from './ensure-nats-server.js';
export { ensurePsql } from './ensure-psql.js';
export {
  programEnvironment,
  ProgramMissingError,
  type EnsureProgramOptions,
  type Program,
} from './ensure-program.js';
export { ensureRedisServer } from './ensure-redis-server.js';
export { freePort, reservePort, type ReservedPort } from './free-port.js';
export {
  LatchkeyStack,
  type Credentials,
  type NatsCredentials,
  type Replicas,
  type StackOptions,
} from './latchkey-stack.js';
export type { Launcher, LaunchOptions } from './launcher.js';
export { Leash, type LeashOptions } from './leash.js';
export {
  LeashedProcess,
  ProcessStartError,
  type LeashedProcessOptions,
} from './leashed-process.js';
export { describeMachine, type Machine } from './machine.js';
export { startNatsCluster, type NatsCluster, type StreamPlacement } from './nats-cluster.js';
export { NATS_USERS, startNats, type Nats, type NatsOptions, type NatsUser } from './nats.js';
export { startPgbouncer, type PgbouncerOptions } from './pgbouncer.js';
export {
  startOwnPostgres,
  startPostgres,
  type Postgres,
  type PostgresOptions,
} from './postgres.js';
export { LockedError, ProcessLock } from '../guardian/process-lock.mjs';
export { ProgressLine } from './progress-line.js';
export { startOwnRedis, startRedis, type Redis, type RedisOptions } from './redis.js';
export { acquireRunLock, AlreadyRunningError } from './run-lock.js';
export { ServiceProcess, type ServiceProcessOptions } from './service-process.js';
export type { Leg, Route, StackEnvironment } from './stack-environment.js';
export type { SessionStoreChoice, StackSessionStore } from './stack-session-store.js';
export {
  VERIFYING_REPLICAS,
  type AnyReplicaName,
  type AppName,
  type ReplicaName,
} from './stack-replicas.js';
export { NamedServerError } from './named-server.js';
export { forgetData, generateOnce, resolveStateDirectory } from './state-directory.js';
export { temporaryDirectory } from './temporary-directory.js';
export { waitFor, type WaitForOptions } from './wait-for.js';
