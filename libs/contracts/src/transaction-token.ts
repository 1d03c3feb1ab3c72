import { z } from 'zod';
import { TransactionContext } from './transaction-context.js';

/** The `typ` header of transaction tokens (draft-ietf-oauth-transaction-tokens-10, "JWT Header"). */
export const TRANSACTION_TOKEN_TYPE = 'txntoken+jwt';

/** The longest lifetime of a transaction token, in seconds. The draft asks for minutes or less. */
export const MAX_TRANSACTION_TOKEN_LIFETIME_SECONDS = 300;

/** How many workloads may ask for a transaction token and its replacements, one after another. */
export const MAX_REQUESTING_WORKLOADS = 4;

/** Separates the workloads of `req_wl`. A client id does not contain it. */
export const WORKLOAD_SEPARATOR = ',';

const Identifier = z.string().min(1);
const TokenTime = z.number().int().positive();

/**
 * The claims of the auth service's transaction tokens (draft-ietf-oauth-transaction-tokens-10, "JWT Body
 * Claims"). Times are NumericDates (RFC 7519 §2) in whole seconds.
 */
export const TransactionTokenClaims = z.strictObject({
  /** Optional in the draft; here it says whose keys and revocations apply. */
  iss: z.url(),
  /** The trust domain. Never a list. */
  aud: Identifier,
  iat: TokenTime,
  exp: TokenTime,
  /** The transaction. A replacement has the same one. */
  txn: z.uuid(),
  /** Not in the draft; a revocation of this one token names it. */
  jti: z.uuid(),
  sub: Identifier,
  /** The session. A log-out ends the transaction with it. */
  sid: Identifier.optional(),
  /** Space-separated (RFC 8693 §4.2): what the transaction is for. */
  scope: Identifier,
  /** The client that asked for the token; for a replacement, preceded by those before it and commas. */
  req_wl: Identifier,
  /** The environment of the request, such as the user's address. */
  rctx: TransactionContext.optional(),
  /** The details of the transaction, which stay the same throughout the call chain. */
  tctx: TransactionContext.optional(),
});
export type TransactionTokenClaims = z.infer<typeof TransactionTokenClaims>;
