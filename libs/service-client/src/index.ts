export type { BulkheadOptions } from './bulkhead.js';
export type { CallReply } from './call-reply.js';
export type { CallOptions, Method } from './call-request.js';
export type { CircuitOptions, CircuitReport } from './circuit.js';
export type {
  AssertionAlgorithm,
  ClientAuthenticationOptions,
} from '@latchkey/contracts/client-authentication';
export {
  CallFailedError,
  ServiceTokenError,
  ServiceUnavailableError,
  type OwnTokenErrorCode,
  type ServiceProblem,
  type UnavailableDetails,
  type UnavailableReason,
} from './errors.js';
export { PASSED_ON_HEADERS, type CallContext } from './passed-on-headers.js';
export type { Revocations } from './revocation-lookup.js';
export type { Scopes } from './scope-list.js';
export { ServiceCalls } from './service-calls.js';
export { createServiceClient, ServiceClient, type ServiceClientOptions } from './service-client.js';
export type { ServiceTokenEvent, ServiceTokensOptions } from './service-tokens-options.js';
export {
  createServiceTokens,
  ServiceTokens,
  type TokenOptions,
  type TransactionTokens,
} from './service-tokens.js';
export type { StandardSchema } from './standard-schema.js';
export type { ServiceTokensStatus } from './token-counts.js';
export type { ReplacementOptions, TransactionOptions } from './transaction.js';
