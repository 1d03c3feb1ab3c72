import {
  AnsweringProcess,
  LoadGenerator,
  pinningNote,
  SERVER_CORE,
} from '@latchkey/load-generator';
import { randomBytes } from 'node:crypto';
import { startAuth, type BenchClient } from './auth-service.js';
import type { GroupResult } from './figures.js';
import type { Workplace } from './workplace.js';
import { measureUnderLoad, saturationNote, type LoadedServer } from './loaded-server.js';
import type { OidcProviderQuestion } from './oidc-provider-process.js';
import { ratioOf } from './statistics.js';

const CONNECTIONS = 20;
/** A resource indicator is a URI to oidc-provider. */
const RESOURCE = 'urn:latchkey:orders';

/** `POST /oauth/token` with client_credentials, beside oidc-provider's. */
export async function measureIssueOverHttp(workplace: Workplace): Promise<GroupResult> {
  const { processes, scale, onProgress } = workplace;
  const client: BenchClient = { id: 'bench', secret: randomBytes(32).toString('base64url') };
  const load = new LoadGenerator(processes);
  const provider = new AnsweringProcess(
    processes,
    new URL('./oidc-provider-process.js', import.meta.url),
    { core: SERVER_CORE },
  );
  const auth = await startAuth(processes, client, onProgress);
  try {
    const servers = [auth.server, await startOidcProvider(provider, client)];
    for (const { url } of servers) await requireSignedToken(url, client);
    const figures = await measureUnderLoad(servers, {
      load,
      rounds: scale.httpRounds,
      warmUpRequests: scale.issueWarmUpRequests,
      onProgress,
      question: { connections: CONNECTIONS, seconds: scale.httpSeconds, ...tokenRequest(client) },
    });
    return {
      name: 'issue-http',
      title: 'Issuing a token over HTTP, client_credentials',
      figures,
      ratios: [ratioOf(figures, ['latchkey', 'oidc-provider'], 'auth service ÷ oidc-provider')],
      notes: [
        pinningNote,
        saturationNote(servers, figures),
        'The auth service asks its Postgres, which runs on whichever core is free, at each request ' +
          'whether the client was revoked. oidc-provider keeps everything in the memory of its process.',
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

/** Whoever answered with something cheaper than an RS256 token would be fast. */
async function requireSignedToken(url: string, client: BenchClient): Promise<void> {
  const { method, requests } = tokenRequest(client);
  const response = await fetch(url, { method, ...requests[0] });
  const { access_token: token = '' } = (await response.json()) as { access_token?: string };
  const [header = ''] = token.split('.');
  if (Buffer.from(header, 'base64url').toString().includes('"RS256"')) return;
  throw new Error(`${url} answered ${response.status} without a token signed by RS256`);
}

/** The same to both. */
function tokenRequest({ id, secret }: BenchClient) {
  const headers = {
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const request = { headers, body: 'grant_type=client_credentials&scope=orders%3Aread' };
  return { method: 'POST' as const, requests: Array.from({ length: CONNECTIONS }, () => request) };
}
