import type { CookieSessionReply } from '@latchkey/contracts/auth-api';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { logInForCookie } from './users.js';

const REPLY: CookieSessionReply = {
  sid: '00000000-0000-4000-8000-000000000001',
  subject: 'ada',
  scope: '',
  createdAt: '2027-01-01T00:00:00Z',
  expiresAt: '2027-01-01T12:00:00Z',
  csrfToken: 'two',
};

describe('logInForCookie', () => {
  let server: Server | undefined;

  afterEach(() => server?.close());

  /** @returns its URL */
  async function listen(answer: RequestListener): Promise<string> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('retries when the store did not answer in time', async () => {
    let asked = 0;
    const url = await listen((_, response) => {
      if (++asked === 1) return response.writeHead(503).end('{}');
      response.writeHead(200, {
        'content-type': 'application/json',
        'set-cookie': '__Host-session=one; Path=/; Secure',
      });
      return response.end(JSON.stringify(REPLY));
    });

    const { cookie } = await logInForCookie(url, 'ada');

    expect([asked, cookie]).toEqual([2, '__Host-session=one']);
  });

  it('reports any other error immediately', async () => {
    const url = await listen((_, response) =>
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"code":"invalid"}'),
    );

    await expect(logInForCookie(url, 'ada')).rejects.toThrow(
      'responded with 401: {"code":"invalid"}',
    );
  });
});
