import {
  ACCESS_TOKEN_TYPE_URI,
  CLIENT_ASSERTION_TYPE,
  SESSION_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TRANSACTION_TOKEN_TYPE_URI,
} from '@latchkey/contracts/auth-api';
import type { ApiBodyOptions } from '@nestjs/swagger';
import { z } from 'zod';

const parameter = z.string().max(8 * 1024 + 1);

/** A client sends these, or authenticates with HTTP Basic. */
const client = {
  client_id: parameter.optional(),
  client_secret: parameter.optional(),
  client_assertion_type: z.literal(CLIENT_ASSERTION_TYPE).optional(),
  client_assertion: parameter.optional(),
};
const scope = parameter.optional();
/** The service that the token is for: one of the two (RFC 8707 §2, RFC 8693 §2.1). */
const target = { resource: parameter.optional(), audience: parameter.optional() };

/** RFC 6749 §6. A browser sends its cookie in place of `refresh_token`. */
export const RefreshTokenRequest = z.object({
  grant_type: z.literal('refresh_token'),
  refresh_token: parameter.optional(),
  scope,
  ...client,
});

/** RFC 6749 §4.4. */
export const ClientCredentialsRequest = z.object({
  grant_type: z.literal('client_credentials'),
  scope,
  ...target,
  ...client,
});

/** RFC 8693 §2.1, and a request for a transaction token. */
export const TokenExchangeRequest = z.object({
  grant_type: z.literal(TOKEN_EXCHANGE_GRANT),
  subject_token: parameter,
  subject_token_type: z.enum([
    ACCESS_TOKEN_TYPE_URI,
    SESSION_TOKEN_TYPE_URI,
    TRANSACTION_TOKEN_TYPE_URI,
  ]),
  requested_token_type: z.enum([ACCESS_TOKEN_TYPE_URI, TRANSACTION_TOKEN_TYPE_URI]).optional(),
  scope,
  request_context: parameter.optional(),
  request_details: parameter.optional(),
  ...target,
  ...client,
});

/** The requests that the token endpoint accepts. The grant decides which parameters there are. */
export const TokenRequest = z.discriminatedUnion('grant_type', [
  RefreshTokenRequest,
  ClientCredentialsRequest,
  TokenExchangeRequest,
]);

/**
 * The body of the token endpoint, as OpenAPI describes it. `TokenForm` parses it more leniently: an unknown grant must
 * get `unsupported_grant_type`, and unknown parameters are ignored (RFC 6749 §3.2).
 */
export const TOKEN_REQUEST = { standardSchema: TokenRequest } as unknown as ApiBodyOptions;
