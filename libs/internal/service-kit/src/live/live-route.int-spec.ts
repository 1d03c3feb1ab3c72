import { LiveReader, waitFor } from '@latchkey/testing';
import { once } from 'node:events';
import { connect } from 'node:net';
import { ThingsModule } from '../../test/things-fixture.js';
import { LiveEvents, startService, type RunningService, type ServiceOptions } from '../index.js';

const OPTIONS: ServiceOptions = {
  name: 'things',
  module: ThingsModule,
  host: '127.0.0.1',
  port: 0,
  logLevel: 'silent',
  openApi: { title: 'Things', description: 'For tests' },
  handleSignals: false,
};
const PAGE = 'https://console.test';
const REVOCATION = {
  position: 3,
  kind: 'session',
  atMilliseconds: 1_800_000_000_000,
  delayMilliseconds: 1.5,
  live: true,
} as const;

/** Reads the whole answer, because an unread body keeps the connection, and so the server, open. */
async function answer(url: string, method = 'GET') {
  const response = await fetch(url, { method });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

describe('the live events of a service', () => {
  let service: RunningService;
  let live: LiveEvents;
  const readers: LiveReader[] = [];
  const open = async (lastEventId?: string) => {
    const reader = await LiveReader.open(service.url, lastEventId);
    readers.push(reader);
    return reader;
  };
  const request = (method: string, path = '/live/events') => answer(service.url + path, method);

  beforeAll(async () => {
    service = await startService({ ...OPTIONS, liveEvents: true, corsOrigins: [PAGE] });
    live = service.app.get(LiveEvents);
  });
  afterEach(() => Promise.all(readers.splice(0).map((reader) => reader.close())));
  afterAll(() => service.close());

  it('are a stream that no cache or proxy keeps back', async () => {
    const reader = await open();
    expect(Object.fromEntries(reader.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    expect(reader.retryMilliseconds).toBe(1_000);
    const [{ instance } = { instance: '' }] = reader.statuses;
    expect((await reader.status(() => reader.statuses.length > 1)).instance).toBe(instance);
  });

  it('count the responses of the service, but not those to operators', async () => {
    const { responses } = (await open()).current;
    const paths = ['/health/live', '/metrics', '/missing', '/missing'];
    for (const path of paths) await request('GET', path);
    const { responses: after } = (await open()).current;
    expect(after).toEqual({ ...responses, 404: (responses['404'] ?? 0) + 2 });
  });

  it('may be read by the pages that CORS_ORIGINS lists', async () => {
    const permission = async (origin: string) => {
      const { headers, body } = await fetch(`${service.url}/live/events`, { headers: { origin } });
      await body?.cancel();
      return headers.get('access-control-allow-origin');
    };
    expect(await permission(PAGE)).toBe(PAGE);
    expect(await permission('https://other.test')).toBeNull();
  });

  it('go on where a reader has left', async () => {
    const first = await open();
    live.revoked(REVOCATION);
    await first.revocation(3);
    await first.close();
    live.revoked({ ...REVOCATION, position: 4 });
    const again = await open(first.lastEventId);
    expect(await again.revocation(4)).toEqual({ ...REVOCATION, position: 4, omitted: 0 });
    expect(again.revocations).toHaveLength(1);
  });

  it('are for GET, and HEAD opens no stream', async () => {
    const head = await request('HEAD');
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect((await request('POST')).status).toBe(404);
    expect((await request('GET', '/live')).status).toBe(404);
    const root = await request('GET', '/');
    expect(JSON.parse(root.body)).toMatchObject({ liveEvents: '/live/events' });
  });

  it('answer 503 to one reader too many', async () => {
    await Promise.all(Array.from({ length: 32 }, () => open()));
    const refused = await request('GET');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'too_many_streams' });
    await readers.pop()?.close();
    await waitFor(() => open());
  });
});

describe('a service with live events and a management port', () => {
  it('streams on the management port only, and ends every stream when it shuts down', async () => {
    const service = await startService({ ...OPTIONS, liveEvents: true, managementPort: 0 });
    expect((await answer(`${service.url}/live/events`)).status).toBe(404);
    const { managementPort: port = 0 } = service;
    const reader = await LiveReader.open(`http://127.0.0.1:${port}`);
    const silent = connect(port, '127.0.0.1');
    silent.pause();
    silent.on('error', () => undefined); // a reset is fine
    silent.write('GET /live/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(silent, 'connect');
    await reader.status(() => true);
    const startedAt = performance.now();
    await service.close();
    await reader.ended();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    silent.destroy();
  });
});

describe('a service without live events', () => {
  it('has no such route', async () => {
    const service = await startService(OPTIONS);
    expect((await answer(`${service.url}/live/events`)).status).toBe(404);
    expect(JSON.parse((await answer(service.url)).body)).not.toHaveProperty('liveEvents');
    await service.close();
  });
});
