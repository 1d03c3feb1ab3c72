export {
  startJwksServer,
  type JwksBehaviour,
  type JwksServer,
  type JwksSource,
  type PathAnswer,
} from './jwks-server.js';
export { waitingFor } from './lock-waits.js';
export { EventSourceParser, type ReceivedEvent } from './event-source-parser.js';
export { LiveReader } from './live-reader.js';
export { OtlpReceiver, type OtlpAnswer } from './otlp-receiver.js';
export { type ReceivedSpan } from './otlp-spans.js';
export { planOf, type QueryPlan } from './query-plan.js';
export { TestAuthority } from './test-authority.js';
export {
  defaultIssuer,
  makeIssuer,
  makeKey,
  makeToken,
  signRaw,
  TEST_TRUST_DOMAIN,
  type TestIssuer,
  type TestIssuerOptions,
  type TestKey,
  type TokenOverrides,
} from './test-issuer.js';
export { RewindablePostgres } from './rewindable-postgres.js';
export { makeDatabaseClock, type TestDatabaseClock } from './test-database-clock.js';
export { startTestNats, type NatsCredentials, type TestNats } from './test-nats.js';
export { startTestRedis, type TestRedis } from './test-redis.js';
export {
  startTestDatabase,
  startTestPostgres,
  type TestDatabase,
  type TestSchema,
  type TestPostgres,
} from './test-postgres.js';
export {
  startTestTokenEndpoint,
  type TestTokenEndpoint,
  type TokenRequest,
} from './test-token-endpoint.js';
export {
  createFaultProxy,
  FaultProxy,
  waitFor,
  type Direction,
  type Traffic,
  type WaitForOptions,
} from '@latchkey/local-stack';
export { TestUser } from './test-user.js';
