import { moment, ProcessGroup, waitFor } from '@latchkey/local-stack';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LoadGenerator } from './load.js';

const SLOW_MILLISECONDS = 300;

describe('LoadGenerator', () => {
  const processes = new ProcessGroup();
  const load = new LoadGenerator(processes);
  const seen: string[] = [];
  let server: Server;
  let urls: string[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(`${request.url} ${String(request.headers['x-user'])}`);
      if (request.url === '/refused') response.statusCode = 401;
      const answer = () => response.end('ok');
      if (request.url === '/slow') setTimeout(answer, SLOW_MILLISECONDS);
      else answer();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`];
  });
  beforeEach(() => (seen.length = 0));
  afterAll(async () => {
    await processes.close();
    server.closeAllConnections();
    server.close();
  });

  it('counts successes and failures in a closed loop', async () => {
    const common = { connections: 2, method: 'GET', seconds: 5, amount: 20 } as const;
    const good = await load.closedLoop({ ...common, urls, requests: [{ headers: {} }] });
    expect(good).toMatchObject({ requests: 20, failures: 0 });
    const requests = [{ path: '/refused', headers: {} }];
    expect(await load.closedLoop({ ...common, urls, requests })).toMatchObject({
      requests: 0,
      failures: 20,
    });
  });

  it('ends a closed loop after its duration, even if fewer requests were answered than wanted', async () => {
    const requests = [{ path: '/slow', headers: {} }];
    const loop = { urls, connections: 1, method: 'GET', seconds: 2, amount: 1_000 } as const;
    const { requests: answered, failures } = await load.closedLoop({ ...loop, requests });
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(100);
    expect(failures).toBe(0);
  });

  it('sends all requests in turn, over any number of connections', async () => {
    const requests = ['ada', 'grace', 'linus'].map((user) => ({ headers: { 'x-user': user } }));
    const loop = { urls, connections: 2, method: 'GET', requests } as const;
    await load.closedLoop({ ...loop, seconds: 5, amount: 12 });
    expect(new Set(seen).size).toBe(3);
    const before = seen.length;
    await load.openLoop({ ...loop, seconds: 0.1, perSecond: 60 });
    // Two connections may overtake each other.
    const twice = ['/ ada', '/ ada', '/ grace', '/ grace', '/ linus', '/ linus'];
    expect(seen.slice(before).sort()).toEqual(twice);
  });

  it('counts latency in an open loop from when a request was due', async () => {
    const requests = [{ path: '/slow', headers: {} }, { headers: {} }];
    const one = { urls, connections: 1, method: 'GET', seconds: 0.1, perSecond: 20 } as const;
    const before = moment();
    const { startedAt, latencyMilliseconds, status } = await load.openLoop({ ...one, requests });
    expect(startedAt).toBeGreaterThan(before);
    expect(startedAt).toBeLessThan(moment() - SLOW_MILLISECONDS);
    expect(status).toEqual([200, 200]);
    // The second request was due 50 ms later, and its wait for the only connection counts.
    expect(latencyMilliseconds[1]).toBeGreaterThan(SLOW_MILLISECONDS - 50 - 10);
  });

  it('ends an open loop early on request, with the answers to the requests already sent', async () => {
    const requests = [{ path: '/slow', headers: {} }];
    const long = { urls, connections: 9, method: 'GET', seconds: 600, perSecond: 100 } as const;
    const enough = new AbortController();
    const running = load.openLoop({ ...long, requests }, enough.signal);
    await waitFor(() => seen.length >= 5);
    enough.abort();
    const { dueMilliseconds, latencyMilliseconds, status } = await running;
    expect(status.length).toBeGreaterThanOrEqual(5);
    expect(new Set(status)).toEqual(new Set([200]));
    expect(dueMilliseconds).toHaveLength(status.length);
    expect(latencyMilliseconds).toHaveLength(status.length);
  });

  it('reports requests without an answer in their place', async () => {
    const requests = [{ headers: {} }];
    const nobody = ['http://127.0.0.1:1/'];
    const loop = { connections: 1, method: 'GET', seconds: 0.1, perSecond: 20, requests } as const;
    const result = await load.openLoop({ ...loop, urls: [...urls, ...nobody] });
    expect(result.status).toEqual([200, 0]);
    expect(result.dueMilliseconds).toEqual([0, 50]);
  });
});
