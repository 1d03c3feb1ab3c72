import { waitFor } from '@latchkey/local-stack';
import { moment } from '@latchkey/load-generator';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstRefusals } from './calls.js';
import { Clients } from './clients.js';

describe('Clients', () => {
  let server: Server;
  let url: string;
  let status: number;
  /** Responses wait for this. */
  let held: Promise<void>;
  let asked: number;

  beforeAll(async () => {
    server = createServer((_, response) => {
      asked++;
      const now = status;
      void held.then(() => response.writeHead(now).end('{}'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    status = 200;
    held = Promise.resolve();
    asked = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const callers = (clients: number) =>
    new Clients({ urls: [url], path: '/orders', headers: {}, clients, callsPerSecond: 100 });

  it('calls with each client until it is refused', async () => {
    const clients = callers(3);
    await clients.begin();
    expect(asked).toBeGreaterThanOrEqual(3);
    const endedAt = moment();
    status = 401;
    const calls = await clients.watch(Infinity);
    expect(firstRefusals({ calls }).filter((at) => at > endedAt)).toHaveLength(3);
    expect(new Set(calls.map(({ client }) => client)).size).toBe(3);
    expect(asked).toBe(calls.length);
  });

  it('stops when the time is over', async () => {
    const clients = callers(2);
    await clients.begin();
    const calls = await clients.watch(moment());
    expect(new Set(calls.map((each) => each.status))).toEqual(new Set([200]));
  });

  it('starts a call when it is due, even if the previous one is not answered', async () => {
    const clients = callers(1);
    await clients.begin();
    let letGo!: () => void;
    held = new Promise((resolve) => (letGo = resolve));
    const before = asked;
    const watched = clients.watch(Infinity);
    await waitFor(() => asked >= before + 5);
    status = 401;
    await waitFor(() => asked >= before + 8);
    letGo();
    const calls = await watched;
    expect(calls.filter((each) => each.status === 200).length).toBeGreaterThanOrEqual(5);
  });

  it('fails if a client is refused before the log-out', async () => {
    status = 401;
    await expect(callers(1).begin()).rejects.toThrow(
      'not every client was accepted before the log-out; seen: 401',
    );
  });
});
