import { ACCESS_TOKEN_TYPE_URI, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import type { TestAuthority } from '@latchkey/testing';
import { decodeJwt } from 'jose';

/**
 * A token endpoint for an issuer, and a service that answers with what its token says, at the issuer's
 * origin.
 */
export class CalledService {
  exchanges = 0;

  constructor(private readonly authority: TestAuthority) {
    const { keySet, issuer } = authority;
    const metadata = { issuer: issuer.issuer, token_endpoint: `${issuer.issuer}/token` };
    keySet.serveAt('/.well-known/oauth-authorization-server', () =>
      Promise.resolve({ status: 200, body: metadata }),
    );
    keySet.serveAt('/token', async (form) => {
      const body = await this.#exchange(new URLSearchParams(form));
      return { status: 200, body };
    });
    keySet.serveAt('/reservations', (_, { authorization = '' }) => {
      const { sub, aud, scope } = decodeJwt(authorization.replace('Bearer ', ''));
      return Promise.resolve({ status: 201, body: { sub, aud, scope } });
    });
  }

  /** The values that replace the servers of an example. */
  get places(): Readonly<Record<string, string>> {
    const { issuer } = this.authority.issuer;
    return { 'https://auth.example.com': issuer, 'https://inventory.example.com': issuer };
  }

  async #exchange(form: URLSearchParams): Promise<object> {
    if (form.get('grant_type') !== TOKEN_EXCHANGE_GRANT) throw new Error('not an exchange');
    this.exchanges++;
    const { sub = '', sid } = decodeJwt(form.get('subject_token') ?? '');
    const scope = form.get('scope') ?? '';
    const audience = form.get('audience') ?? '';
    const claims = { sid, client_id: 'orders' };
    const { issuer } = this.authority;
    return {
      access_token: await issuer.makeToken({ subject: sub, audience: [audience], scope, claims }),
      issued_token_type: ACCESS_TOKEN_TYPE_URI,
      token_type: 'Bearer',
      expires_in: 300,
      scope,
    };
  }
}
