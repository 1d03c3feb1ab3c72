import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { timeInTurn } from '../src/chain/calls-in-turn.js';

describe('timeInTurn', () => {
  const seen: string[] = [];
  let open = 0;
  let mostOpen = 0;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      mostOpen = Math.max(mostOpen, ++open);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
        response.statusCode = request.url === '/refused' ? 401 : 200;
        open--;
        response.end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => (seen.length = 0));

  it('sends one request after another, and times each of them', async () => {
    const calls = [
      { url: `${url}/a`, headers: {} },
      { url: `${url}/b`, headers: {}, body: 'x=1' },
      { url: `${url}/c`, headers: {} },
    ];
    const times = await timeInTurn(calls);
    expect(seen).toEqual(['GET /a ', 'POST /b x=1', 'GET /c ']);
    expect(mostOpen).toBe(1);
    expect(times).toHaveLength(3);
    for (const time of times) expect(time).toBeGreaterThan(0);
  });

  it('fails if a request is refused, because a refusal is fast', async () => {
    await expect(timeInTurn([{ url: `${url}/refused`, headers: {} }])).rejects.toThrow(
      'responded with 401',
    );
  });

  it('fails if nobody answers', async () => {
    await expect(timeInTurn([{ url: 'http://127.0.0.1:1/', headers: {} }])).rejects.toThrow(
      'ECONNREFUSED',
    );
  });
});
