import { exportJWK, generateKeyPair } from 'jose';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration } from 'oidc-provider';

export const OIDC_CLIENT = { id: 'shop', secret: 'a secret of the shop', redirect: '/callback' };
export const USER = 'ada';

/** oidc-provider, which issues JWT access tokens for the resources that it knows. */
export class OidcProviderServer {
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  /** @param audience `aud` of access tokens for {@link resource} */
  static async start(audience: string): Promise<OidcProviderServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(issuer, await configuration(issuer, audience));
    const handle = provider.callback();
    server.on('request', (request, response) => {
      if (request.url?.startsWith('/interaction/')) void logIn(provider, request, response);
      else void handle(request, response);
    });
    return new OidcProviderServer(issuer, server);
  }

  /** The resource indicator (RFC 8707). It is a URI, while the audience need not be one. */
  get resource(): string {
    return resourceOf(this.issuer);
  }

  get jwksUri(): string {
    return `${this.issuer}/jwks`;
  }

  get redirectUri(): string {
    return this.issuer + OIDC_CLIENT.redirect;
  }

  /** Follows the redirects from the authorization request to the client, as a browser does. */
  async authorize(authorizationUrl: URL): Promise<URL> {
    const cookies = new Map<string, string>();
    let url = authorizationUrl;
    while (!url.href.startsWith(this.redirectUri)) {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${url.pathname} responded with ${response.status}`);
      url = new URL(location, url);
    }
    return url;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const resourceOf = (issuer: string) => `${issuer}/orders`;

/** Logs the user in as soon as the login page is requested. */
async function logIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionFinished(request, response, { login: { accountId: USER } });
}

async function configuration(issuer: string, audience: string): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'foreign-1', use: 'sig', alg: 'RS256' };
  const { id, secret, redirect } = OIDC_CLIENT;
  return {
    jwks: { keys: [key] as NonNullable<Configuration['jwks']>['keys'] },
    cookies: { keys: ['of this test only'] },
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    clients: [
      {
        client_id: id,
        client_secret: secret,
        grant_types: ['client_credentials', 'authorization_code'],
        redirect_uris: [issuer + redirect],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'orders:read orders:write',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
        }),
      },
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider } = oidc;
      if (!client || session?.accountId === undefined) return undefined;
      const { clientId } = client;
      const grant = new provider.Grant({ clientId, accountId: session.accountId });
      grant.addOIDCScope('openid');
      grant.addResourceScope(resourceOf(issuer), 'orders:read orders:write');
      await grant.save();
      return grant;
    },
  };
}
