import type { TokenForm, TokenReply } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { CallingClient } from '../../clients/client-authentication.js';
import { narrowedScopes } from '../../tokens/narrowed-scopes.js';
import { TokenIssuance } from '../../sessions/token-issuance.js';
import { SETTINGS, type Settings } from '../../platform/settings.js';

const unauthorizedClient = () =>
  new ProblemError(400, 'unauthorized_client', 'This client may not use client_credentials');

const invalidTarget = () =>
  new ProblemError(400, 'invalid_target', 'The requested service is unknown');

/** Issues a client its own token (RFC 6749 §4.4). */
@Injectable()
export class ClientCredentialsService {
  constructor(
    private readonly issuance: TokenIssuance,
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
    if (!authenticated || authenticated.policy.scopes.size === 0) throw unauthorizedClient();
    const scopes = narrowedScopes(
      authenticated.policy.scopes,
      form.scope,
      'The scope exceeds what the client is configured with',
    );
    const { token, claims } = await this.issuance.sign(
      {
        subject: clientId,
        clientId,
        scopes,
        audiences: this.#audiencesOf(form),
        notBefore: authenticated.tokensValidFrom,
      },
      authenticated.asOf,
    );
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: claims.exp - claims.iat,
      scope: claims.scope,
    };
  }

  /** Always includes the issuer, which recognizes its tokens by it at introspection and revocation. */
  #audiencesOf({ resource, audience }: TokenForm): string[] {
    const { audiences, issuer } = this.settings;
    const wanted = [resource, audience].filter((name) => name !== undefined);
    if (!wanted.every((name) => audiences.includes(name))) throw invalidTarget();
    return [...new Set([...(wanted.length > 0 ? wanted : audiences), issuer])];
  }
}
