import {
  createDataSource,
  startService,
  trustedProxies,
  type RunningService,
} from '@latchkey/service-kit';
import { waitFor } from '@latchkey/testing';
import { Controller, Get, Global, HttpCode, Ip, Module, Post } from '@nestjs/common';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { DataSource } from 'typeorm';
import { Admission } from './admission.js';
import { AdmissionModule } from './admission.module.js';

/** The limit of concurrent urgent requests. */
const CONCURRENCY = 64;

/** Callbacks that finish the running requests, and the addresses of all started ones, in order. */
const running: (() => void)[] = [];
const began: string[] = [];
const work = (address: string) => {
  began.push(address);
  return new Promise<void>((resolve) => running.push(resolve));
};

@Controller()
class WorkController {
  @Post('logout')
  @HttpCode(204)
  urgent(@Ip() address: string) {
    return work(address);
  }
  @Get('sessions')
  ordinary() {
    return { sessions: [] };
  }
}

/** Admission only asks the data source for the size of its pool. */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      useFactory: () => createDataSource({ url: 'postgres://localhost/unused', migrations: [] }),
    },
  ],
  exports: [DataSource],
})
class UnconnectedDatabaseModule {}

@Module({ imports: [UnconnectedDatabaseModule, AdmissionModule], controllers: [WorkController] })
class WorkModule {}

describe('Admission', () => {
  let service: RunningService;
  let log: string;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    log = '';
    began.length = 0;
    service = await startService({
      name: 'auth',
      module: WorkModule,
      ...{ host: '127.0.0.1', port: 0, logLevel: 'info' },
      trustProxy: trustedProxies.parse('true'),
      openApi: { title: 'Auth', description: 'For tests' },
      handleSignals: false,
      logDestination: new Writable({
        write(chunk: Buffer, _, done) {
          log += chunk.toString();
          done();
        },
      }),
      configure: (app) => app.get(Admission).addTo(app.getHttpAdapter().getInstance()),
    });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await finishAll();
    await service.close();
  });

  const finish = () => running.shift()?.();
  /** Finishes all requests, including those admitted meanwhile. */
  const finishAll = () =>
    waitFor(async () => {
      while (running.length > 0) finish();
      return (await waiting()) === 0 && running.length === 0;
    });
  const logOut = (address = '203.0.113.1', signal?: AbortSignal) =>
    fetch(`${service.url}/logout`, {
      method: 'POST',
      headers: { 'x-forwarded-for': address },
      ...(signal && { signal }),
    });
  const many = (count: number, address?: string) =>
    Array.from({ length: count }, () => logOut(address));
  const statusesOf = async (answers: Promise<Response>[]) =>
    new Set((await Promise.all(answers)).map(({ status }) => status));
  const metric = async (name: string) => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return Number(new RegExp(`^latchkey_urgent_requests_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  const waiting = () => metric('waiting');
  const refused = () => metric('refused_total');
  const fill = async () => {
    const admitted = many(CONCURRENCY);
    await waitFor(() => began.length === CONCURRENCY);
    return admitted;
  };
  const untilWaiting = (count: number) => waitFor(async () => (await waiting()) === count);

  it('queues a request while all slots are taken, and admits it when one is free', async () => {
    const answers = [...(await fill()), logOut()];
    await untilWaiting(1);
    // Other classes have their own slots.
    for (const path of ['/sessions', '/health/live', '/health/ready'])
      expect((await fetch(service.url + path)).status).toBe(200);
    expect(began).toHaveLength(CONCURRENCY);
    finish();
    await waitFor(() => began.length === CONCURRENCY + 1);
    await untilWaiting(0);
    await finishAll();
    expect(await statusesOf(answers)).toEqual(new Set([204]));
    expect(await refused()).toBe(0);
  });

  it('lets addresses take turns', async () => {
    const answers = await fill();
    const crowd = many(3, '203.0.113.2');
    await untilWaiting(3);
    const one = logOut('203.0.113.3');
    await untilWaiting(4);
    finish();
    await waitFor(() => began.length === CONCURRENCY + 1);
    finish();
    await waitFor(() => began.length === CONCURRENCY + 2);
    expect(began.slice(CONCURRENCY)).toEqual(['203.0.113.2', '203.0.113.3']);
    await finishAll();
    expect(await statusesOf([...answers, ...crowd, one])).toEqual(new Set([204]));
  });

  it('forgets a client that disconnects while it waits', async () => {
    const answers = await fill();
    const client = new AbortController();
    const abandoned = logOut('203.0.113.1', client.signal).catch(() => 'disconnected');
    await untilWaiting(1);
    client.abort();
    await untilWaiting(0);
    expect(await abandoned).toBe('disconnected');
    await finishAll();
    expect(await statusesOf(answers)).toEqual(new Set([204]));
    expect(began).toHaveLength(CONCURRENCY);
    expect(await refused()).toBe(0);
    expect(log).not.toContain('refused with 503');
  });

  it('keeps the slot of a client that disconnects until its work has ended', async () => {
    const client = new AbortController();
    const abandoned = logOut('203.0.113.1', client.signal).catch(() => 'disconnected');
    await waitFor(() => began.length === 1);
    const answers = many(CONCURRENCY - 1);
    await waitFor(() => began.length === CONCURRENCY);
    client.abort();
    await abandoned;
    const next = logOut();
    await untilWaiting(1);
    finish();
    await waitFor(() => began.length === CONCURRENCY + 1);
    await finishAll();
    expect(await statusesOf([...answers, next])).toEqual(new Set([204]));
  });

  it('refuses requests that wait too long with 503 and Retry-After, counts them, and logs it once', async () => {
    const answers = await fill();
    for (const answer of await Promise.all(many(3))) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await answer.json()).toMatchObject({ status: 503, code: expect.any(String) });
    }
    expect([await refused(), await waiting()]).toEqual([3, 0]);
    const lines = log
      .split('\n')
      .filter((line) => line.includes('some requests are refused with 503'));
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ class: 'urgent' }]);
    await finishAll();
    expect(await statusesOf(answers)).toEqual(new Set([204]));
    expect(began).toHaveLength(CONCURRENCY);
  });

  it('does not give a slot to a request whose body is still arriving', async () => {
    const head = [
      ...['POST /logout HTTP/1.1', 'Host: auth', 'Content-Type: application/json'],
      ...['Content-Length: 2', 'Expect: 100-continue', '', ''],
    ];
    const slow = Array.from({ length: CONCURRENCY }, async () => {
      const socket = connect(service.port, '127.0.0.1');
      sockets.push(socket);
      socket.write(head.join('\r\n'));
      // The server has received the head of the request.
      expect(String(await once(socket, 'data'))).toContain('100 Continue');
    });
    await Promise.all(slow);
    const answer = logOut();
    await waitFor(() => began.length === 1);
    await finishAll();
    expect((await answer).status).toBe(204);
  });

  it('logs once that a proxy reports no readable address', async () => {
    const answers = [...many(2, 'unknown'), ...many(1)];
    await waitFor(() => began.length === 3);
    await finishAll();
    expect(await statusesOf(answers)).toEqual(new Set([204]));
    const lines = log
      .split('\n')
      .filter((line) => line.includes('X-Forwarded-For holds no readable address'));
    expect(lines).toHaveLength(1);
  });
});
