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

/** A real server, whatever it answers. */
describe('introspection over HTTP', () => {
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

  const says = (body: unknown, status = 200) => {
    answer = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };
  const ask = (signal = AbortSignal.timeout(5_000)) => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`;
    const client = { clientId: 'orders', clientSecret: SECRET };
    return remoteIntrospection(endpoint, client)('the-token', principal, signal);
  };

  it('asks as RFC 7662 and RFC 6749 say', async () => {
    says({ active: true });
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

  it.each([
    ['active', { active: true }, true],
    ['not active', { active: false }, false],
    [
      'active, and about this token',
      { active: true, iss: principal.issuer, sub: 'ada', jti: 't1' },
      true,
    ],
    ['not active, whatever else it says', { active: false, sub: 'grace' }, false],
  ])('takes an answer that is %s', async (_, body, active) => {
    says(body);
    await expect(ask()).resolves.toBe(active);
  });

  it.each([
    ['a text for a boolean', { active: 'true' }],
    ['a number for a boolean', { active: 1 }],
    ['nothing about it', {}],
    ['null', null],
    ['an array', [true]],
    ['a text', '"active"'],
    ['no JSON', '<html>active</html>'],
    ['nothing', ''],
    ['another subject', { active: true, sub: 'grace' }],
    ['another token', { active: true, jti: 't2' }],
    ['another issuer', { active: true, iss: 'https://other.test' }],
  ])('is no wiser by an answer with %s', async (_, body) => {
    says(body);
    await expect(ask()).rejects.toThrow();
  });

  it.each([201, 400, 401, 403, 404, 429, 500, 503])('is no wiser by a %d', async (status) => {
    says({ active: true }, status);
    await expect(ask()).rejects.toThrow(`introspection answered ${status}`);
  });

  it('carries the token nowhere else', async () => {
    answer = (_, response) => response.writeHead(307, { location: '/elsewhere' }).end();
    await expect(ask()).rejects.toThrow();
    expect(requests).toHaveLength(1);
  });

  it('does not read on without end', async () => {
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

  it('gives up when it is told to', async () => {
    answer = () => undefined;
    await expect(ask(AbortSignal.timeout(50))).rejects.toThrow();
  });

  it('tells neither token nor secret in what it throws', async () => {
    says({ error: `the-token ${SECRET}` }, 401);
    const error = await ask().catch((thrown: unknown) => thrown);
    const { stack, message, cause } = error as Error;
    for (const text of [stack, message, String(cause)]) {
      expect(text).not.toContain('the-token');
      expect(text).not.toContain(SECRET);
    }
  });
});
