import { MAX_TOKEN_BYTES, type TransactionTokenClaims } from '@latchkey/contracts';
import {
  TRANSACTION_TOKEN_TYPE_URI,
  type TokenForm,
  type TransactionTokenReply,
} from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CallingClient } from '../../clients/calling-client.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { SETTINGS, type ClientPolicy, type Settings } from '../../platform/settings.js';
import { TokenIssuance } from '../../sessions/token-issuance.js';
import {
  TransactionTokenIssuer,
  type IssuedTransactionToken,
} from '../../tokens/transaction-token-issuer.js';
import { grantedScopes } from '../granted-scopes.js';
import { DerivedTokens, type Derivation } from '../token-exchange/derived-tokens.js';
import { invalidRequest, readTransactionRequest } from './transaction-request.js';
import { TransactionSubjects, type TransactionOfToken } from './transaction-subjects.js';

const unauthorizedClient = () =>
  new ProblemError(400, 'unauthorized_client', 'This client may not exchange tokens');

interface Wanted {
  readonly policy: ClientPolicy;
  readonly scope: string;
  readonly transaction: TransactionOfToken;
}

/**
 * The transaction token service of the trust domain (draft-ietf-oauth-transaction-tokens-10): issues one token
 * for all calls of a transaction. The token ends with its subject token, as an exchanged one does.
 */
@Injectable()
export class TransactionTokenService {
  constructor(
    private readonly issuer: TransactionTokenIssuer,
    private readonly subjects: TransactionSubjects,
    private readonly derived: DerivedTokens,
    private readonly issuance: TokenIssuance,
    private readonly audit: AuditLog,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'audiences'>,
  ) {}

  /** Whether a token exchange asks for a transaction token, and there is a trust domain. */
  isAskedFor({ requested_token_type: wanted }: TokenForm): boolean {
    return wanted === TRANSACTION_TOKEN_TYPE_URI && this.issuer.trustDomain !== undefined;
  }

  /** @throws ProblemError with a code of RFC 6749 §5.2 or RFC 8693 §2.2.2, or 503 */
  async issue(
    { clientId, authenticated }: CallingClient,
    form: TokenForm,
  ): Promise<TransactionTokenReply> {
    if (!authenticated || authenticated.policy.exchange.size === 0) throw unauthorizedClient();
    const request = readTransactionRequest(form, this.issuer.trustDomain!);
    const { subject, transaction } = await this.subjects.read(clientId, form, request);
    const { policy } = authenticated;
    const client = { ...authenticated, clientId };
    const { token, claims } = await this.derived.issue(subject, client, (manager, live) =>
      this.#sign(manager, live, { policy, transaction, scope: request.scope }),
    );
    this.#record(clientId, claims);
    return {
      access_token: token,
      issued_token_type: TRANSACTION_TOKEN_TYPE_URI,
      token_type: 'N_A',
      expires_in: claims.exp - claims.iat,
      scope: claims.scope,
    };
  }

  #record(
    client: string,
    { sub: subject, sid: sessionId = '', aud, scope, jti: tokenId, txn }: TransactionTokenClaims,
  ): void {
    const issued = { client, audiences: [aud], scope, tokenId };
    this.audit.record('transaction_token_issued', {
      ...issued,
      subject,
      sessionId,
      transactionId: txn,
    });
  }

  async #sign(
    manager: EntityManager,
    { session, scopes: held, notBefore, notAfter, issuedAt }: Derivation,
    { policy, scope: wanted, transaction }: Wanted,
  ): Promise<IssuedTransactionToken> {
    const issued = await this.issuance.signTransaction(
      manager,
      {
        ...transaction,
        subject: session.userId,
        sessionId: session.id,
        scopes: grantedScopes({
          held,
          holder: 'subject token',
          // The token is for the whole chain, so the policies for all services that the client may call apply.
          targets: [...policy.exchange.keys()],
          known: this.settings.audiences,
          allowed: policy.exchange,
          wanted,
        }),
        notBefore,
        notAfter,
      },
      issuedAt,
    );
    // A verifier would reject it. Nothing has been committed yet.
    if (issued.token.length > MAX_TOKEN_BYTES)
      throw invalidRequest('The token would be too large: send less context, or fewer scopes');
    return issued;
  }
}
