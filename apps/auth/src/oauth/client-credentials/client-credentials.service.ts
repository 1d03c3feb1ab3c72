import type { TokenForm, TokenReply } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { CallingClient } from '../../clients/calling-client.js';
import { grantedScopes } from '../granted-scopes.js';
import { TokenIssuance } from '../../sessions/token-issuance.js';
import { TransactionTokenIssuer } from '../../tokens/transaction-token-issuer.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { SETTINGS, type ClientPolicy, type Settings } from '../../platform/settings.js';

const unauthorizedClient = () =>
  new ProblemError(400, 'unauthorized_client', 'This client may not use client_credentials');

const invalidTarget = () =>
  new ProblemError(400, 'invalid_target', 'The requested service is unknown');

/** Issues a client its own token (RFC 6749 §4.4). */
@Injectable()
export class ClientCredentialsService {
  constructor(
    private readonly issuance: TokenIssuance,
    private readonly transactions: TransactionTokenIssuer,
    private readonly audit: AuditLog,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Needs no transaction, and no query besides the one that authenticated the client. The token's
   * `iat` is the time of that query. A later revocation invalidates the client's secrets before it
   * reads the clock, so its `before` covers every token issued for the old secrets.
   *
   * @throws ProblemError with a code of RFC 6749 §5.2 or RFC 8707 §2, or 503
   */
  async issue({ clientId, authenticated }: CallingClient, form: TokenForm): Promise<TokenReply> {
    if (!authenticated) throw unauthorizedClient();
    const targets = this.#targetsOf(form);
    const scopes = this.#namesItself(authenticated.policy, form, targets)
      ? []
      : this.#scopesOf(authenticated.policy, targets, form.scope);
    const { token, claims } = await this.issuance.sign(
      {
        subject: clientId,
        clientId,
        scopes,
        audiences: targets,
        notBefore: authenticated.tokensValidFrom,
      },
      authenticated.asOf,
    );
    const { jti: tokenId, scope } = claims;
    this.audit.record('client_token_issued', {
      client: clientId,
      audiences: targets,
      scope,
      tokenId,
    });
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: claims.exp - claims.iat,
      scope,
    };
  }

  #scopesOf(
    policy: ClientPolicy,
    targets: readonly string[],
    wanted: string | undefined,
  ): readonly string[] {
    if (policy.scopes.size === 0) throw unauthorizedClient();
    return grantedScopes({
      held: policy.scopes,
      holder: 'client',
      targets,
      known: this.settings.audiences,
      allowed: new Map(targets.map((name) => [name, policy.scopes])),
      wanted,
    });
  }

  /**
   * In a trust domain, a client sends its own token along with a transaction token. The client's token only
   * identifies the caller, so it needs no scopes. It has none by default, even if the client has scopes at the
   * service, because every call for every user carries it (ADR 0048).
   */
  #namesItself(
    { exchange }: ClientPolicy,
    { scope, resource, audience }: TokenForm,
    targets: readonly string[],
  ): boolean {
    const isTrustDomain = this.transactions.trustDomain !== undefined;
    const namesTarget = resource !== undefined || audience !== undefined;
    const asksForNothing = isTrustDomain && namesTarget && scope === undefined;
    return asksForNothing && targets.every((name) => exchange.has(name));
  }

  #targetsOf({ resource, audience }: TokenForm): string[] {
    const { audiences } = this.settings;
    const wanted = [resource, audience].filter((name) => name !== undefined);
    if (!wanted.every((name) => audiences.has(name))) throw invalidTarget();
    return [...new Set(wanted.length > 0 ? wanted : audiences.keys())];
  }
}
