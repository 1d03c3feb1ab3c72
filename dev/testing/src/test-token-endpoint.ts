import { ACCESS_TOKEN_TYPE_URI, TOKEN_EXCHANGE_GRANT } from '@latchkey/contracts/auth-api';
import { decodeJwt } from 'jose';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestIssuer } from './test-issuer.js';

/** A token request, as a client sent it. */
export interface TokenRequest {
  readonly grant: 'client_credentials' | 'token_exchange';
  readonly clientId: string;
  readonly audience: string;
  readonly scope: string;
}

/** Issues tokens to services over HTTP, in place of the auth service. It trusts every client. */
export interface TestTokenEndpoint {
  readonly url: string;
  /** The requests so far. */
  readonly requests: readonly TokenRequest[];
  /** Answers with this error code (RFC 6749 §5.2) from now on; undefined issues tokens again. */
  refuseWith(error: string | undefined): void;
  close(): Promise<void>;
}

export async function startTestTokenEndpoint(issuer: TestIssuer): Promise<TestTokenEndpoint> {
  const requests: TokenRequest[] = [];
  let error: string | undefined;
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    void reply(request).then(
      (body) => answer(error === undefined ? 200 : 400, body),
      (cause: unknown) => answer(500, { error: 'server_error', error_description: String(cause) }),
    );
  });
  const reply = async (request: IncomingMessage): Promise<object> => {
    const form = new URLSearchParams(await text(request));
    const clientId = clientOf(request);
    const asked = { ...targetOf(form), clientId };
    const isExchange = form.get('grant_type') === TOKEN_EXCHANGE_GRANT;
    requests.push({ grant: isExchange ? 'token_exchange' : 'client_credentials', ...asked });
    if (error !== undefined) return { error };
    const { audience, scope } = asked;
    const [subject, more] = isExchange ? exchangedOf(form, clientId) : ownOf(clientId);
    const token = await issuer.makeToken({ subject, audience, scope, claims: more });
    return {
      access_token: token,
      ...(isExchange && { issued_token_type: ACCESS_TOKEN_TYPE_URI }),
      ...{ token_type: 'Bearer', expires_in: 300, scope },
    };
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth/token`,
    requests,
    refuseWith: (next) => {
      error = next;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** `client_secret_basic` (RFC 6749 §2.3.1). */
function clientOf({ headers }: IncomingMessage): string {
  const [, encoded = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? [];
  return decodeURIComponent(Buffer.from(encoded, 'base64').toString().split(':')[0]!);
}

const targetOf = (form: URLSearchParams) => ({
  audience: form.get('audience') ?? form.get('resource') ?? '',
  scope: form.get('scope') ?? '',
});

type Claims = Readonly<Record<string, unknown>>;

const ownOf = (clientId: string): [string, Claims] => [
  clientId,
  { client_id: clientId, sid: undefined, auth_time: undefined },
];

function exchangedOf(form: URLSearchParams, clientId: string): [string, Claims] {
  const { sub = '', exp, act, ...claims } = decodeJwt(form.get('subject_token') ?? '');
  const { sid, auth_time: authTime } = claims;
  const actor = { sub: clientId, ...(act !== undefined && { act }) };
  return [sub, { client_id: clientId, exp, sid, auth_time: authTime, act: actor }];
}
