export {
  createIndexConcurrently,
  replaceIndexConcurrently,
} from './database/create-index-concurrently.js';
export { addBodyParser, IgnoresBody, refuseBody, type BodyParser } from './body-parsers.js';
export {
  createDataSource,
  DatabaseModule,
  poolSizeOf,
  type DatabaseOptions,
  type SeparatePool,
} from './database/database.module.js';
export { bigintAsNumber, returnedEntities } from './database/column-values.js';
export { DatabaseConnector } from './database/database-connector.js';
export { isDatabaseUnavailable } from './database/database-unavailable.js';
export { HOUSEKEEPING_LOCKS } from './database/advisory-locks.js';
export { urgently } from './database/urgency.js';
export {
  deleteExpired,
  deletionOf,
  deletionParametersOf,
  type ExpiringRows,
} from './database/expired-rows.js';
export { Housekeeper } from './database/housekeeper.js';
export * as environment from './environment.js';
export { serviceRules } from './environment-rules.js';
export { HealthRegistry, type Health } from './health-registry.js';
export { deferValidation, type Validated } from './deferred-validation.js';
export { LiveEvents, type StatusPart } from './live/live-events.js';
export { type NotedRevocation } from './live/recent-revocations.js';
export { InvalidEnvironmentError, loadConfig } from './load-config.js';
export { MetricsRegistry } from './metrics-registry.js';
export type { ErrorExamples } from './open-api/error-examples.js';
export type { SchemaExamples } from './open-api/examples.js';
export { ApiCaller, ApiCredentialInBody, type DocumentedCallers } from './open-api/callers.js';
export { natsSettings, type NatsConfig } from './nats-settings.js';
export {
  duplicateHeader,
  notFound,
  ProblemError,
  unavailable,
  type ProblemDetails,
} from './problem-error.js';
export { addressOf, networkOf } from './network-address.js';
export { pageOf, type Page } from './page-of.js';
export { problemOf, sendProblem } from './problem-filter.js';
export { RepeatedWork } from './repeated-work.js';
export { runMain } from './run-main.js';
export { currentCallContext } from './request-context.js';
export { LOGGER } from './service-providers.js';
export { currentRequestId, currentSource, type RequestSource } from './request-context.js';
export { readTextFile } from './text-file.js';
export { currentSpan, type CurrentSpan } from './tracing/current-span.js';
export { traced, type SpanAttributes, type TracedWork } from './tracing/traced.js';
export { startService, type RunningService, type ServiceOptions } from './start-service.js';
export { trustedProxies, type TrustedProxies } from './trusted-proxies.js';
