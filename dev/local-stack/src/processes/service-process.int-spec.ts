import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { ProcessGroup } from './process-group.js';
import { ServiceProcess } from './service-process.js';

/** Becomes ready at the third probe. */
const HEALTHY = `
  let probes = 0;
  require('node:http').createServer((request, response) => {
    if (request.url === '/environment') return response.end(JSON.stringify(process.env));
    response.writeHead(++probes >= 3 ? 200 : 503).end();
  }).listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening'));`;
const NEVER_READY = `console.log('waiting for a database'); setInterval(() => {}, 1000);`;
const CRASHES = `console.error('Invalid environment: ISSUER'); process.exit(3);`;

describe('ServiceProcess', () => {
  let directory: string;
  let processes: ProcessGroup;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-service-'));
    processes = new ProcessGroup();
  });
  afterEach(async () => {
    await processes.close();
    rmSync(directory, { recursive: true });
  });

  async function service(program: string, readyTimeoutMs = 20_000): Promise<ServiceProcess> {
    const entry = join(directory, 'main.cjs');
    writeFileSync(entry, program);
    const [port, env] = [await freePort(), { ISSUER: 'http://127.0.0.1:1' }];
    const options = { processes, name: 'orders', entry, port, env, logDirectory: directory };
    return new ServiceProcess({ ...options, readyTimeoutMs });
  }

  const statusOf = async (url: string) => (await fetch(`${url}/health/ready`)).status;

  it('waits until the service is ready, and restarts it on the same port', async () => {
    const orders = await service(HEALTHY);
    await orders.start();
    expect(await statusOf(orders.url)).toBe(200);
    await orders.kill();
    expect(orders.running).toBe(false);
    await expect(statusOf(orders.url)).rejects.toThrow();
    await orders.start();
    const { pid } = orders;
    await orders.restart();
    expect(orders.pid).not.toBe(pid);
    expect(await statusOf(orders.url)).toBe(200);
    await orders.stop();
    await expect(statusOf(orders.url)).rejects.toThrow();
  });

  it('keeps our own environment variables from the service', async () => {
    process.env['DATABASE_URL'] = 'postgres://somewhere-else';
    try {
      const orders = await service(HEALTHY);
      await orders.start();
      const environment = (await (await fetch(`${orders.url}/environment`)).json()) as object;
      expect(environment).toMatchObject({ ISSUER: 'http://127.0.0.1:1', HOST: '127.0.0.1' });
      expect(environment).not.toHaveProperty('DATABASE_URL');
    } finally {
      delete process.env['DATABASE_URL'];
    }
  });

  describe('when the service does not come up', () => {
    it('reports the end of its log and leaves nothing running', async () => {
      const orders = await service(NEVER_READY, 3_000);
      await expect(orders.start()).rejects.toThrow(
        /orders was not ready after 3000 ms; .*\nwaiting for a database/s,
      );
      expect(orders.running).toBe(false);
    });

    it('does not wait for a service that crashed', async () => {
      const orders = await service(CRASHES);
      await expect(orders.start()).rejects.toThrow(
        /orders ended while starting \(status 3\).*Invalid environment: ISSUER/s,
      );
    });
  });

  it('keeps the log of the previous start', async () => {
    const orders = await service(CRASHES);
    await expect(orders.start()).rejects.toThrow();
    await expect(orders.start()).rejects.toThrow();
    expect(readFileSync(orders.logFile, 'utf8')).toContain('Invalid environment');
    expect(readFileSync(`${orders.logFile}.1`, 'utf8')).toContain('Invalid environment');
  });
});
