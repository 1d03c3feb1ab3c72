import { ACCESS_TOKEN_TYPE_URI, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  type JWK,
  type JSONWebKeySet,
} from 'jose';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';

export const SECRET_CLIENT = { id: 'orders', secret: 'a secret: with % and +' };
export const KEY_CLIENT = 'orders-with-a-key';
export const JWT_TARGET = 'https://inventory.test';
export const OPAQUE_TARGET = 'https://payments.test';

/** oidc-provider with a grant for token exchanges, which it does not have by itself. */
export class ForeignIssuer {
  exchanges = 0;

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  /**
   * @param subjectKeys the keys of the issuer whose tokens it exchanges
   * @param clientKey the public key of {@link KEY_CLIENT}
   */
  static async start(subjectKeys: JSONWebKeySet, clientKey: JWK): Promise<ForeignIssuer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const settings = await configuration(clientKey);
    const provider = withOwnRealm(() => new Provider(issuer, settings));
    const foreign = new ForeignIssuer(issuer, server);
    const keys = createLocalJWKSet(subjectKeys);
    provider.registerGrantType(
      TOKEN_EXCHANGE_GRANT,
      async (context) => {
        foreign.exchanges++;
        await exchangeToken(provider, context, keys);
      },
      [
        'subject_token',
        'subject_token_type',
        'requested_token_type',
        'scope',
        'resource',
        'audience',
      ],
      [],
    );
    server.on('request', (request, response) => void provider.callback()(request, response));
    return foreign;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/**
 * oidc-provider copies the keys of clients with `structuredClone`, and then requires plain objects. In Jest,
 * copies are objects of Node.js' own realm, which are not plain here.
 */
function withOwnRealm<Result>(create: () => Result): Result {
  const { structuredClone } = globalThis;
  globalThis.structuredClone = (value) => JSON.parse(JSON.stringify(value)) as typeof value;
  try {
    return create();
  } finally {
    globalThis.structuredClone = structuredClone;
  }
}

async function exchangeToken(
  provider: Provider,
  context: KoaContextWithOIDC,
  keys: ReturnType<typeof createLocalJWKSet>,
): Promise<void> {
  const { client, params = {} } = context.oidc;
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : '');
  if (text('subject_token_type') !== ACCESS_TOKEN_TYPE_URI)
    throw new errors.InvalidRequest('the subject token is of another type');
  const subject = await jwtVerify(text('subject_token'), keys).catch(() => undefined);
  if (!subject) throw new errors.InvalidGrant('the subject token is not valid');
  const resource = text('resource');
  if (![JWT_TARGET, OPAQUE_TARGET].includes(resource))
    throw new errors.InvalidTarget('unknown resource');
  const token = new provider.AccessToken({
    client: client!,
    accountId: String(subject.payload.sub),
    expiresWithSession: false,
    grantId: await grantOf(provider, client!.clientId, String(subject.payload.sub)),
    gty: 'token_exchange',
    scope: text('scope'),
  });
  token.resourceServer = new provider.ResourceServer(resource, serverInfo(resource));
  context.oidc.entity('AccessToken', token);
  context.body = {
    access_token: await token.save(),
    issued_token_type: ACCESS_TOKEN_TYPE_URI,
    token_type: 'Bearer',
    expires_in: token.expiration,
    scope: token.scope,
  };
}

async function grantOf(provider: Provider, clientId: string, accountId: string): Promise<string> {
  return new provider.Grant({ clientId, accountId }).save();
}

const serverInfo = (resource: string) => ({
  scope: 'a b',
  audience: resource,
  accessTokenFormat: resource === JWT_TARGET ? ('jwt' as const) : ('opaque' as const),
  accessTokenTTL: 600,
});

async function configuration(clientKey: JWK): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'foreign-1', use: 'sig', alg: 'RS256' };
  const common = {
    grant_types: ['client_credentials', TOKEN_EXCHANGE_GRANT],
    redirect_uris: [],
    response_types: [],
  };
  return {
    jwks: { keys: [key] },
    cookies: { keys: ['of this test only'] },
    clients: [
      { ...common, client_id: SECRET_CLIENT.id, client_secret: SECRET_CLIENT.secret },
      {
        ...common,
        client_id: KEY_CLIENT,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [clientKey] },
      },
    ] as NonNullable<Configuration['clients']>,
    scopes: ['a', 'b'],
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => serverInfo(resource),
      },
    },
    ttl: { AccessToken: 600, ClientCredentials: 600, Grant: 600 },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  };
}
