export {
  AuthClient,
  cookiesOf,
  sessionTokens,
  UnexpectedAnswerError,
  type Account,
  type CookieSession,
  type SessionTokens,
} from './client/auth-client.js';
export {
  startControlServer,
  type ControlServer,
  type ControlServerOptions,
} from './control/control-server.js';
export {
  createFaultProxy,
  FaultProxy,
  type Direction,
  type Traffic,
} from './faults/fault-proxy.js';
export { NatsProxies } from './faults/nats-proxies.js';
export { BREAKABLE_PARTS, StackFaults, UnknownPartError } from './faults/stack-faults.js';
export { exchangeForCall, stackHops } from './control/stack-hops.js';
export { stackReplicas } from './control/stack-replicas-report.js';
export { call, type Answer, type CallOptions } from './client/call.js';
export { decodeUnverified, type UnverifiedToken } from './client/decode-unverified.js';
export { moment } from './measurement/moment.js';
export { canEnter, databaseUser, giveTo, type DatabaseUser } from './processes/database-user.js';
export { ensureCaddy } from './programs/ensure-caddy.js';
export { ensureChromium } from './programs/ensure-chromium.js';
export { ensureNatsServer } from './programs/ensure-nats-server.js';
export { ensurePsql } from './programs/ensure-psql.js';
export {
  programEnvironment,
  ProgramMissingError,
  type EnsureProgramOptions,
  type Program,
} from './programs/ensure-program.js';
export { ensureRedisServer } from './programs/ensure-redis-server.js';
export { AuthPortTakenError } from './stack/replica-ports.js';
export { freePort, reservePort, type ReservedPort } from './processes/free-port.js';
export {
  LatchkeyStack,
  type Credentials,
  type NatsCredentials,
  type Replicas,
  type StackOptions,
} from './stack/latchkey-stack.js';
export { startStack, type RunningStack, type RunningStackOptions } from './stack/running-stack.js';
export type { Launcher, LaunchOptions } from './processes/launcher.js';
export { ProcessGroup, type ProcessGroupOptions } from './processes/process-group.js';
export {
  ManagedProcess,
  ProcessStartError,
  type ManagedProcessOptions,
} from './processes/managed-process.js';
export { describeMachine, type Machine } from './measurement/machine.js';
export {
  startNatsCluster,
  type NatsCluster,
  type StreamPlacement,
} from './servers/nats-cluster.js';
export {
  NATS_USERS,
  natsPasswords,
  startNats,
  type Nats,
  type NatsOptions,
  type NatsPasswords,
  type NatsUser,
} from './servers/nats.js';
export { startPgbouncer, type PgbouncerOptions } from './servers/pgbouncer.js';
export {
  startOwnPostgres,
  startPostgres,
  type Postgres,
  type PostgresOptions,
} from './servers/postgres.js';
export { LockedError, ProcessLock } from '../reaper/process-lock.mjs';
export { ProgressLine } from './programs/progress-line.js';
export { startOwnRedis, startRedis, type Redis, type RedisOptions } from './servers/redis.js';
export { acquireRunLock, AlreadyRunningError } from './processes/run-lock.js';
export { ServiceProcess, type ServiceProcessOptions } from './processes/service-process.js';
export { SERVICES } from './stack/services.js';
export {
  TRANSACTION_TOKENS,
  type CallTokens,
  type Leg,
  type Route,
  type StackEnvironment,
} from './stack/stack-environment.js';
export type { SessionStoreChoice, StackSessionStore } from './stack/stack-session-store.js';
export {
  firstReplicaOf,
  PROTECTED_ROUTES,
  SERVICE_NAMES,
  VERIFYING_REPLICAS,
  type AnyReplicaName,
  type AppName,
  type ReplicaName,
  type ServiceName,
  type VerifyingReplicaName,
} from './stack/stack-replicas.js';
export type { SpareConnection } from './stack/spare-service.js';
export { NamedServerError } from './servers/named-server.js';
export { forgetData, generateOnce, resolveStateDirectory } from './stack/state-directory.js';
export { temporaryDirectory } from './processes/temporary-directory.js';
export { waitFor, type WaitForOptions } from './processes/wait-for.js';
export { median, summarize, type Summary } from './measurement/summary.js';
