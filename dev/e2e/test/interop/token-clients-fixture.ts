import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';

export interface ClientIdentity {
  readonly id: string;
  /** Undefined for a public client. */
  readonly secret?: string;
}

type Parameters = Readonly<Record<string, string>>;

/** Obtains tokens from an issuer that is found through discovery. */
export interface TokenClient {
  readonly name: string;
  grant(
    issuer: string,
    identity: ClientIdentity,
    grantType: string,
    parameters: Parameters,
  ): Promise<oauth.TokenEndpointResponse>;
}

/** Allows issuers without TLS, which both clients refuse by default. */
export const OVER_HTTP = { [oauth.allowInsecureRequests]: true };

export async function discover(
  issuer: string,
  algorithm: 'oidc' | 'oauth2' = 'oidc',
): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { ...OVER_HTTP, algorithm });
  return oauth.processDiscoveryResponse(url, response);
}

export function configure(
  issuer: string,
  { id, secret }: ClientIdentity,
  algorithm: 'oidc' | 'oauth2' = 'oidc',
): Promise<client.Configuration> {
  const authentication = secret === undefined ? client.None() : client.ClientSecretBasic(secret);
  return client.discovery(new URL(issuer), id, undefined, authentication, {
    algorithm,
    execute: [client.allowInsecureRequests],
  });
}

const oauth4webapi: TokenClient = {
  name: 'oauth4webapi',
  async grant(issuer, { id, secret }, grantType, parameters) {
    const server = await discover(issuer);
    const authentication = secret === undefined ? oauth.None() : oauth.ClientSecretBasic(secret);
    const self = { client_id: id };
    const response = await oauth.genericTokenEndpointRequest(
      server,
      self,
      authentication,
      grantType,
      parameters,
      OVER_HTTP,
    );
    return oauth.processGenericTokenEndpointResponse(server, self, response);
  },
};

const openidClient: TokenClient = {
  name: 'openid-client',
  async grant(issuer, identity, grantType, parameters) {
    const configuration = await configure(issuer, identity);
    return client.genericGrantRequest(configuration, grantType, parameters);
  },
};

export const TOKEN_CLIENTS = [oauth4webapi, openidClient];
