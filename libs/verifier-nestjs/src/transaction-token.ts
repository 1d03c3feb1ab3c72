import { TRANSACTION_TOKEN_HEADER } from '@latchkey/contracts';
import {
  setSubjectToken,
  SubjectToken,
  TokenError,
  type Principal,
  type TokenPrincipal,
  type TransactionPrincipal,
  type Verifier,
  type VerifyOptions,
} from '@latchkey/verifier';
import {
  callerNotAllowed,
  invalidTransactionToken,
  malformedTransactionToken,
  missingToken,
  transactionTokenNotAccepted,
} from './access-token.exception.js';
import type { HttpRequest } from './http-message.js';
import type { Credential } from './request-principal.js';
import { isClientsOwn } from './route-callers.js';

/** The principal of a request, and what handlers need to call another service for it. */
export interface Authenticated {
  readonly principal: Principal;
  readonly credential: Credential;
}

/**
 * Adds the transaction token of a request, if it has one and the verifier accepts them. The principal is
 * then the subject of the transaction, with its scopes and its session, and the caller is its actor.
 *
 * A transaction token says for whom a call is made, but not by whom, so it does not authenticate a
 * request (draft-ietf-oauth-transaction-tokens-10, "Transaction Tokens Are Not Authentication
 * Credentials"). The caller must be a service that sends its own access token in `Authorization`: a stolen
 * transaction token alone gives no access.
 *
 * @param accessToken the verified token of the caller
 * Without the option `transactionTokens`, the header is refused: the caller means to act for somebody else, so the
 * request must not be answered with its own rights.
 *
 * @throws AccessTokenException 400 unless there is exactly one token, 401 if it is invalid, 403 if the
 *   caller is not a service of the same issuer, or no transaction token is accepted
 */
export async function withTransaction(
  verifier: Verifier,
  request: HttpRequest,
  options: VerifyOptions,
  { principal: caller, accessToken }: { principal: TokenPrincipal; accessToken: string },
): Promise<Authenticated> {
  if (request.headers[TRANSACTION_TOKEN_HEADER] === undefined)
    return { principal: caller, credential: accessToken };
  if (!verifier.acceptsTransactionTokens) throw transactionTokenNotAccepted();
  const token = transactionTokenOf(request);
  // Browsers attach cookies on their own; a service chooses to send its token.
  if (request.headers['authorization'] === undefined) throw missingToken();
  if (!isClientsOwn(caller)) throw notAService();
  const transaction = await verify(verifier, token, options);
  // Another issuer may call a client of its own by the same name.
  if (caller.issuer !== transaction.issuer) throw notAService();
  const principal = Object.freeze({
    ...transaction,
    actor: Object.freeze({ sub: caller.subject }),
  });
  setSubjectToken(principal, new SubjectToken(token, 'transaction_token'));
  return { principal, credential: { [TRANSACTION_TOKEN_HEADER]: token } };
}

const notAService = () =>
  callerNotAllowed("With a transaction token, the token in Authorization must be a service's own");

async function verify(
  verifier: Verifier,
  token: string,
  options: VerifyOptions,
): Promise<TransactionPrincipal> {
  try {
    return await verifier.verifyTransactionToken(token, options);
  } catch (error) {
    throw error instanceof TokenError ? invalidTransactionToken(error) : error;
  }
}

/** Node.js joins repeated headers with commas, which no token contains. */
const ONE_TOKEN = /^[^\s,]+$/;

function transactionTokenOf({ headers }: HttpRequest): string {
  const header = headers[TRANSACTION_TOKEN_HEADER];
  if (typeof header !== 'string' || !ONE_TOKEN.test(header)) throw malformedTransactionToken();
  return header;
}
