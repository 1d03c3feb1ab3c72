import { exportJWK, generateKeyPair } from 'jose';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { answerQuestions } from '@latchkey/load-generator';

export type OidcProviderQuestion =
  | { readonly client: { readonly id: string; readonly secret: string }; readonly resource: string }
  | { readonly client?: never };

const LIFETIME_SECONDS = 300;

/** Answers with a port, or with microseconds of processor time. */
answerQuestions<OidcProviderQuestion>((question) =>
  question.client ? start(question.client, question.resource) : cpuMicroseconds(),
);

/** Starts oidc-provider with RS256 access tokens and its default in-memory adapter. */
async function start(
  { id, secret }: { readonly id: string; readonly secret: string },
  resource: string,
): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' };
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    jwks: { keys: [jwk] },
    clients: [
      {
        client_id: id,
        client_secret: secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    ttl: { ClientCredentials: LIFETIME_SECONDS },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => ({
          scope: 'orders:read',
          audience: resource,
          accessTokenFormat: 'jwt' as const,
          accessTokenTTL: LIFETIME_SECONDS,
          jwt: { sign: { alg: 'RS256' as const } },
        }),
      },
    },
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return port;
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
