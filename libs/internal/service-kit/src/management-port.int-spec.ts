import { freePort } from '@latchkey/local-stack';
import { waitFor } from '@latchkey/testing';
import { Controller, Get, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { HealthRegistry, startService, type RunningService, type ServiceOptions } from './index.js';

@Controller('things')
class ThingsController {
  @Get()
  all() {
    return [];
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const OPTIONS: ServiceOptions = {
  name: 'things',
  module: ThingsModule,
  host: '127.0.0.1',
  port: 0,
  logLevel: 'silent',
  openApi: { title: 'Things', description: 'For tests' },
  links: { things: '/things' },
  handleSignals: false,
};
/** Reads the whole answer, because an unread body keeps the connection, and so the server, open. */
async function statusOf(address: string): Promise<number> {
  const response = await fetch(address);
  await response.text();
  return response.status;
}

const MANAGEMENT = [
  '/health/live',
  '/health/ready',
  '/metrics',
  '/docs',
  '/docs/',
  '/docs-json',
  '/docs/swagger-ui-init.js',
  '/docs/swagger-ui-bundle.js',
];

describe('a service with a management port', () => {
  let service: RunningService;
  let management: string;

  beforeAll(async () => {
    service = await startService({ ...OPTIONS, managementPort: 0 });
    management = `http://127.0.0.1:${service.managementPort}`;
  });
  afterAll(() => service.close());

  const rootOf = async (address: string) =>
    (await (await fetch(address)).json()) as Record<string, string>;

  it.each(MANAGEMENT)(
    'answers %s on the management port, and with 404 on the main port',
    async (path) => {
      expect(await statusOf(management + path)).toBe(200);
      const published = await fetch(service.url + path);
      expect(published.status).toBe(404);
      expect(await published.json()).toMatchObject({ code: 'not_found' });
    },
  );

  it.each(['/%68ealth/ready', '//health/ready', '/health/./ready', '/METRICS', '/metrics?x=1'])(
    'does not answer %s on its main port either',
    async (path) => {
      expect(await statusOf(service.url + path)).toBe(404);
    },
  );

  it('serves its own routes on the main port only', async () => {
    expect(await statusOf(`${service.url}/things`)).toBe(200);
    expect(await statusOf(`${management}/things`)).toBe(404);
  });

  it('lists at the root of each port what that port serves', async () => {
    expect(await rootOf(service.url)).toEqual({ service: 'things', things: '/things' });
    const { service: name, ...links } = await rootOf(management);
    expect(name).toBe('things');
    expect(Object.keys(links)).toEqual(['documentation', 'openApi', 'health', 'metrics']);
    for (const path of Object.values(links)) expect(await statusOf(management + path)).toBe(200);
  });

  it('closes both ports', async () => {
    const other = await startService({ ...OPTIONS, managementPort: 0 });
    await other.close();
    for (const port of [other.port, other.managementPort])
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  });
});

describe('a management port that cannot be opened', () => {
  it('fails the start if it is the main port', async () => {
    await expect(startService({ ...OPTIONS, port: 4_999, managementPort: 4_999 })).rejects.toThrow(
      'MANAGEMENT_PORT and PORT are both 4999',
    );
  });

  it('fails the start if it is in use, and frees the main port', async () => {
    const other = await startService(OPTIONS);
    const { port } = other;
    await expect(startService({ ...OPTIONS, managementPort: port })).rejects.toThrow('EADDRINUSE');
    await other.close();
  });
});

describe('a service with a management port that starts', () => {
  @Injectable()
  class Dependency implements OnApplicationBootstrap {
    static readonly starts: ((ready: boolean) => void)[] = [];
    #ready = false;
    constructor(private readonly health: HealthRegistry) {}
    onApplicationBootstrap(): void {
      this.health.register('dependency', () => Promise.resolve({ ready: this.#ready }));
      Dependency.starts.push((ready) => (this.#ready = ready));
    }
  }
  @Module({ controllers: [ThingsController], providers: [Dependency] })
  class WaitingModule {}

  const start = async () => {
    const [port, managementPort] = [await freePort(), await freePort()];
    const starting = startService({ ...OPTIONS, module: WaitingModule, port, managementPort });
    const [main, management] = [port, managementPort].map((one) => `http://127.0.0.1:${one}`);
    await waitFor(async () => (await statusOf(`${management}/health/ready`)) === 503);
    return { starting, main: `${main}/things` };
  };

  it('opens its main port once it is ready, so that a proxy sends no request before', async () => {
    const { starting, main } = await start();
    await expect(fetch(main)).rejects.toThrow('fetch failed');
    Dependency.starts.at(-1)?.(true);
    const service = await starting;
    expect(await statusOf(main)).toBe(200);
    await service.close();
  });

  it('opens it after a deadline if it does not become ready', async () => {
    const { starting, main } = await start();
    const service = await starting;
    expect(await statusOf(main)).toBe(200);
    await service.close();
  }, 15_000);
});

describe('a service without a management port', () => {
  it('answers everything on its main port', async () => {
    const service = await startService(OPTIONS);
    try {
      for (const path of [...MANAGEMENT, '/things'])
        expect(await statusOf(service.url + path)).toBe(200);
    } finally {
      await service.close();
    }
  });
});

describe('a service that is drained', () => {
  it('reports at once that it is not ready, and serves requests until it closes', async () => {
    const service = await startService({ ...OPTIONS, managementPort: 0, drainSeconds: 3 });
    const closed = service.close();
    const ready = await fetch(`http://127.0.0.1:${service.managementPort}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { service: { detail: 'shutting down' } } });
    const served = await fetch(`${service.url}/things`);
    expect(await served.json()).toEqual([]);
    expect(served.status).toBe(200);
    expect(served.headers.get('connection')).toBe('close');
    await closed;
    await expect(fetch(`${service.url}/things`)).rejects.toThrow('fetch failed');
  });

  it('answers on a connection that it accepted just before the port was closed', async () => {
    const service = await startService({ ...OPTIONS, drainSeconds: 0.01 });
    const accepted = connect(service.port, '127.0.0.1');
    await once(accepted, 'connect');
    const closed = service.close();
    await waitFor(() => isRefused(service.port), { intervalMs: 5 });
    accepted.write('GET /things HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await text(accepted)).toMatch(/^HTTP\/1.1 200/);
    await closed;
  });
});

const isRefused = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });
