import { randomUUID } from 'node:crypto';
import {
  WORKLOAD_SEPARATOR,
  type TransactionContext,
  type TransactionTokenClaims,
} from '@latchkey/contracts';

/** Settings that all transaction tokens of an issuer share. */
export interface TransactionTokenProfile {
  readonly issuer: string;
  readonly trustDomain: string;
  readonly lifetimeSeconds: number;
}

/** The properties of one transaction token. Times are NumericDates in seconds. */
export interface TransactionTokenRequest {
  /** `txn`. Default: a new transaction. */
  readonly transactionId?: string | undefined;
  readonly subject: string;
  /** `sid`, the user's session. */
  readonly sessionId?: string | undefined;
  readonly scopes: Iterable<string>;
  /** `req_wl`: the clients that asked for this token and for those that it replaces, in this order. */
  readonly requestingWorkloads: readonly string[];
  /** `rctx`. */
  readonly requestContext?: TransactionContext | undefined;
  /** `tctx`. */
  readonly details?: TransactionContext | undefined;
  /** The earliest `iat`: the `before` of the subject's or client's last revocation. */
  readonly notBefore?: number | undefined;
  /** The latest `exp`. */
  readonly notAfter?: number | undefined;
}

/**
 * Builds the claims of a new transaction token (draft-ietf-oauth-transaction-tokens-10).
 *
 * @param now milliseconds since 1970
 */
export function buildTransactionTokenClaims(
  profile: TransactionTokenProfile,
  request: TransactionTokenRequest,
  now: number,
): TransactionTokenClaims {
  const { sessionId, requestContext, details, notBefore = 0, notAfter = Infinity } = request;
  const iat = Math.max(Math.floor(now / 1000), notBefore);
  return {
    iss: profile.issuer,
    aud: profile.trustDomain,
    iat,
    exp: Math.min(iat + profile.lifetimeSeconds, notAfter),
    txn: request.transactionId ?? randomUUID(),
    jti: randomUUID(),
    sub: request.subject,
    ...(sessionId !== undefined && { sid: sessionId }),
    scope: [...request.scopes].join(' '),
    req_wl: request.requestingWorkloads.join(WORKLOAD_SEPARATOR),
    ...(requestContext && { rctx: requestContext }),
    ...(details && { tctx: details }),
  };
}
