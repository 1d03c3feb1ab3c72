import {
  AnsweringProcess,
  LoadGenerator,
  pinningNote,
  SERVER_CORE,
} from '@latchkey/load-generator';
import { randomBytes } from 'node:crypto';
import { startAuth, type BenchClient } from '../auth-service.js';
import type { GroupResult } from '../figures.js';
import type { Workplace } from '../workplace.js';
import { measureUnderLoad, saturationNote, type LoadedServer } from '../loaded-server.js';
import type { OidcProviderQuestion } from '../oidc-provider-process.js';
import { ratioOf } from '../statistics.js';
import { defineGroup } from '../group.js';

/**
 * Loads POST /oauth/token with client_credentials, compared with oidc-provider.
 */
export default defineGroup({ position: 7, measure: measureIssueOverHttp });

const CONNECTIONS = 20;
/** oidc-provider requires resource indicators to be URIs. */
const RESOURCE = 'urn:latchkey:orders';

/** Compares with the token endpoint of oidc-provider. */
export async function measureIssueOverHttp(workplace: Workplace): Promise<GroupResult> {
  const { processes, size, onProgress } = workplace;
  const client: BenchClient = { id: 'bench', secret: randomBytes(32).toString('base64url') };
  const load = new LoadGenerator(processes);
  const provider = new AnsweringProcess(
    processes,
    new URL('../oidc-provider-process.js', import.meta.url),
    { core: SERVER_CORE },
  );
  const auth = await startAuth(processes, client, onProgress);
  try {
    const servers = [auth.server, await startOidcProvider(provider, client)];
    for (const { url } of servers) await requireSignedToken(url, client);
    const figures = await measureUnderLoad(servers, {
      load,
      rounds: size.httpRounds,
      warmUpRequests: size.issueWarmUpRequests,
      onProgress,
      question: { connections: CONNECTIONS, seconds: size.httpSeconds, ...tokenRequest(client) },
    });
    return {
      name: 'issue-http',
      title: 'Issuing a token over HTTP, client_credentials',
      figures,
      ratios: [ratioOf(figures, ['latchkey', 'oidc-provider'], 'auth service ÷ oidc-provider')],
      notes: [
        pinningNote,
        saturationNote(servers, figures),
        'On every request the auth service checks in its Postgres, which is not pinned to a core, ' +
          'whether the client was revoked. oidc-provider keeps everything in memory.',
      ],
    };
  } finally {
    load.stop();
    provider.stop();
    await auth.stop();
  }
}

async function startOidcProvider(
  child: AnsweringProcess,
  client: BenchClient,
): Promise<LoadedServer> {
  const ask = (question: OidcProviderQuestion) => child.ask<number>(question);
  const port = await ask({ client, resource: RESOURCE });
  return {
    id: 'oidc-provider',
    label: 'oidc-provider',
    url: `http://127.0.0.1:${port}/token`,
    cpuMicroseconds: () => ask({}),
  };
}

/** Requires an RS256 token: anything cheaper would be an unfair comparison. */
async function requireSignedToken(url: string, client: BenchClient): Promise<void> {
  const { method, requests } = tokenRequest(client);
  const response = await fetch(url, { method, ...requests[0] });
  const { access_token: token = '' } = (await response.json()) as { access_token?: string };
  const [header = ''] = token.split('.');
  if (Buffer.from(header, 'base64url').toString().includes('"RS256"')) return;
  throw new Error(`${url} responded with ${response.status}, without a token signed by RS256`);
}

/** The same request for both servers. */
function tokenRequest({ id, secret }: BenchClient) {
  const headers = {
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const request = { headers, body: 'grant_type=client_credentials&scope=orders%3Aread' };
  return { method: 'POST' as const, requests: Array.from({ length: CONNECTIONS }, () => request) };
}
