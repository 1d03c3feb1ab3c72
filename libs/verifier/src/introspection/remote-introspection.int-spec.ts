import {
  readClientAuthentication,
  type ClientAuthenticationOptions,
} from '@latchkey/contracts/client-authentication';
import { jwtVerify } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TokenPrincipal } from '../index.js';
import { remoteIntrospection } from './remote-introspection.js';

const principal = {
  issuer: 'https://issuer.test',
  subject: 'ada',
  tokenId: 't1',
} as unknown as TokenPrincipal;
const SECRET = 'a secret: of/100% entropy';

const clientWith = (authentication: ClientAuthenticationOptions) =>
  readClientAuthentication('authentication', authentication, {
    clientId: 'orders',
    issuer: principal.issuer,
  });

describe('remoteIntrospection', () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let requests: { authorization: string | undefined; body: string; method: string | undefined }[];

  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const { method, headers } = request;
        requests.push({ method, authorization: headers.authorization, body });
        answer(request, response);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const respond = (body: unknown, status = 200) => {
    answer = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };
  const ask = (
    signal = AbortSignal.timeout(5_000),
    authentication: ClientAuthenticationOptions = { clientSecret: SECRET },
  ) => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`;
    return remoteIntrospection(endpoint, clientWith(authentication))(
      'the-token',
      principal,
      signal,
    );
  };

  it('sends a request with Basic credentials (RFC 7662 §2.1, RFC 6749 §2.3.1)', async () => {
    respond({ active: true });
    await ask();
    const credentials = Buffer.from('orders:a+secret%3A+of%2F100%25+entropy').toString('base64');
    expect(requests).toEqual([
      {
        method: 'POST',
        authorization: `Basic ${credentials}`,
        body: 'token=the-token&token_type_hint=access_token',
      },
    ]);
  });

  it('sends an assertion of its own with each request (RFC 7523 §2.2)', async () => {
    respond({ active: true });
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let time = 0; time < 2; time++) await ask(undefined, { privateKey, keyId: 'k1' });
    const forms = requests.map(({ body }) => new URLSearchParams(body));
    const ids = await Promise.all(
      forms.map(async (form) => {
        const expected = { issuer: 'orders', subject: 'orders', audience: principal.issuer };
        const { payload } = await jwtVerify(form.get('client_assertion')!, publicKey, expected);
        return payload.jti;
      }),
    );
    expect(new Set(ids).size).toBe(2);
    expect(requests[0]!.authorization).toBeUndefined();
    expect(Object.fromEntries(forms[0]!)).toMatchObject({
      token: 'the-token',
      client_id: 'orders',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
  });

  it.each([
    ['active', { active: true }, true],
    ['not active', { active: false }, false],
    [
      'active, and about this token',
      { active: true, iss: principal.issuer, sub: 'ada', jti: 't1' },
      true,
    ],
    ['not active, with other members', { active: false, sub: 'grace' }, false],
  ])('accepts a response that is %s', async (_, body, active) => {
    respond(body);
    await expect(ask()).resolves.toBe(active);
  });

  it.each([
    ['a string instead of a boolean', { active: 'true' }],
    ['a number instead of a boolean', { active: 1 }],
    ['no members', {}],
    ['null', null],
    ['an array', [true]],
    ['a string', '"active"'],
    ['HTML', '<html>active</html>'],
    ['an empty body', ''],
    ['another subject', { active: true, sub: 'grace' }],
    ['another token', { active: true, jti: 't2' }],
    ['another issuer', { active: true, iss: 'https://other.test' }],
  ])('rejects a response with %s', async (_, body) => {
    respond(body);
    await expect(ask()).rejects.toThrow();
  });

  it.each([201, 400, 401, 403, 404, 429, 500, 503])('rejects the status %d', async (status) => {
    respond({ active: true }, status);
    await expect(ask()).rejects.toThrow(`introspection answered ${status}`);
  });

  it('does not follow redirects with the token', async () => {
    answer = (_, response) => response.writeHead(307, { location: '/elsewhere' }).end();
    await expect(ask()).rejects.toThrow();
    expect(requests).toHaveLength(1);
  });

  it('limits the size of the response', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(16_384)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    await expect(ask()).rejects.toThrow(/larger than/);
  });

  it('aborts on its signal', async () => {
    answer = () => undefined;
    await expect(ask(AbortSignal.timeout(50))).rejects.toThrow();
  });

  it('throws errors without the token and the secret', async () => {
    respond({ error: `the-token ${SECRET}` }, 401);
    const error = await ask().catch((thrown: unknown) => thrown);
    const { stack, message, cause } = error as Error;
    for (const text of [stack, message, String(cause)]) {
      expect(text).not.toContain('the-token');
      expect(text).not.toContain(SECRET);
    }
  });
});
