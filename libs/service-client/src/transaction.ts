import { TransactionContext } from '@latchkey/contracts';
import { TRANSACTION_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import {
  setSubjectToken,
  SubjectToken,
  type Principal,
  type TransactionPrincipal,
} from '@latchkey/verifier';
import type { TokenEndpointResponse } from 'oauth4webapi';
import { invalidResponse } from './errors.js';
import { BEARER_TOKEN, jsonOf, type Claims } from './issued-token.js';
import { normalizedScopes, type Scopes } from './scope-list.js';

/** The purpose of a transaction, and its details. */
export interface TransactionOptions {
  /** The scopes that all calls of the transaction need, including those that the called services make. */
  readonly scopes: Scopes;
  /** The environment of the request, such as the user's address (`rctx`). At most 2 KiB of JSON. */
  readonly requestContext?: TransactionContext;
  /** The details of the transaction, such as the amount of a payment (`tctx`). At most 2 KiB of JSON. */
  readonly details?: TransactionContext;
}

/** A request for a transaction token (draft-ietf-oauth-transaction-tokens-10, "Txn-Token Request"). */
export interface TransactionRequest {
  readonly trustDomain: string;
  readonly scopes: readonly string[];
  readonly requestContext: string | undefined;
  readonly details: string | undefined;
}

/** What a transaction token is replaced by. */
export interface ReplacementOptions {
  /** The scopes that the rest of the chain needs: at most those of the transaction. */
  readonly scopes: Scopes;
}

/**
 * Checks what a transaction is for.
 *
 * @throws TypeError that names the invalid option
 */
export function transactionRequest(
  trustDomain: string,
  { scopes, requestContext, details }: TransactionOptions,
): TransactionRequest {
  const names = normalizedScopes(scopes);
  if (names.length === 0) throw new TypeError('scopes must name what the transaction is for');
  return {
    trustDomain,
    scopes: names,
    requestContext: contextText('requestContext', requestContext),
    details: contextText('details', details),
  };
}

function contextText(name: string, context: TransactionContext | undefined): string | undefined {
  if (context === undefined) return undefined;
  const parsed = TransactionContext.safeParse(context);
  if (!parsed.success) throw new TypeError(`${name} ${parsed.error.issues[0]?.message}`);
  return JSON.stringify(parsed.data);
}

/**
 * Reads the answer to a request for a transaction token. A token for somebody else, for another trust domain
 * or for more than was asked for is refused, even if the issuer sent it.
 *
 * @param user the principal for whom it was asked for; if it is of a transaction, that one must go on
 * @throws ServiceTokenError `invalid_response`
 */
export function readTransaction(
  response: TokenEndpointResponse,
  request: TransactionRequest,
  user: Principal,
): TransactionPrincipal {
  const { access_token: token, token_type: type, issued_token_type: issuedType } = response;
  const [header, claims] = token.split('.').map(jsonOf);
  const isTransactionToken = type === 'n_a' && issuedType === TRANSACTION_TOKEN_TYPE_URI;
  if (!isTransactionToken || !BEARER_TOKEN.test(token) || !header || !claims)
    throw invalidResponse('token_exchange', 'the answer is not a transaction token');
  const problem = problemOf(claims, request, user);
  if (problem !== undefined) throw invalidResponse('token_exchange', problem);
  const principal = principalOf(claims, header, user);
  setSubjectToken(principal, new SubjectToken(token, 'transaction_token'));
  return principal;
}

function problemOf(
  claims: Claims,
  { trustDomain, scopes }: TransactionRequest,
  { issuer, subject, sessionId, transaction }: Principal,
): string | undefined {
  const { aud, iss = issuer, sub, sid = sessionId, txn, scope, iat, exp } = claims;
  const problems: readonly (readonly [boolean, string])[] = [
    [aud !== trustDomain, 'aud is not the trust domain'],
    [iss !== issuer, 'iss is another issuer'],
    [sub !== subject, 'sub is another user'],
    [sid !== sessionId, 'sid is another session'],
    [typeof txn !== 'string', 'txn is missing'],
    [transaction !== undefined && txn !== transaction.id, 'txn is another transaction'],
    [[iat, exp].some((time) => typeof time !== 'number'), 'iat or exp is missing'],
    [spelled(scope) !== scopes.join(' '), 'the scope is not what was asked for'],
  ];
  return problems.find(([applies]) => applies)?.[1];
}

/** Scopes in the spelling of the request; empty if they are none. */
const spelled = (scope: unknown) =>
  typeof scope === 'string' ? normalizedScopes(scope).join(' ') : '';

function principalOf(claims: Claims, header: Claims, user: Principal): TransactionPrincipal {
  const { aud, txn, scope, iat, exp, jti, req_wl: workloads, rctx = {}, tctx = {} } = claims;
  const requestingWorkloads = String(workloads).split(',');
  return Object.freeze({
    issuer: user.issuer,
    subject: user.subject,
    ...(user.sessionId !== undefined && { sessionId: user.sessionId }),
    clientId: requestingWorkloads.at(-1)!,
    audience: [String(aud)],
    scopes: new Set(normalizedScopes(String(scope))),
    issuedAt: Number(iat),
    expiresAt: Number(exp),
    keyId: String(header['kid']),
    ...(typeof jti === 'string' && { tokenId: jti }),
    claims,
    transaction: Object.freeze({
      id: String(txn),
      requestingWorkloads,
      requestContext: rctx as TransactionContext,
      details: tctx as TransactionContext,
    }),
  });
}
