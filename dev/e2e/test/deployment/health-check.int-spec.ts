import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as listen, type AddressInfo, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../../deploy/health-check.sh', import.meta.url));

describe('deploy/health-check.sh', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function portOf(started: Server): Promise<string> {
    server = started.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return String((server.address() as AddressInfo).port);
  }

  const answering = (status: number) =>
    portOf(
      createServer(({ url }, response) => {
        response.writeHead(url === '/health/ready' ? status : 404).end('{}');
      }),
    );

  async function healthy(env: Record<string, string>): Promise<boolean> {
    const check = spawn('/bin/bash', [SCRIPT], { env });
    const [code] = (await once(check, 'exit')) as [number];
    return code === 0;
  }

  it.each([
    [200, true],
    [503, false],
    [404, false],
    [500, false],
  ])('reports a service that answers %d as healthy: %s', async (status, expected) => {
    const port = await answering(status);
    expect(await healthy({ PORT: '1', MANAGEMENT_PORT: port })).toBe(expected);
    expect(await healthy({ PORT: port })).toBe(expected);
  });

  it('reports a service that does not listen as unhealthy', async () => {
    const port = await answering(200);
    server!.close();
    await once(server!, 'close');
    expect(await healthy({ PORT: port })).toBe(false);
  });

  it('reports a service that never answers as unhealthy, after its own timeout', async () => {
    const sockets: { destroy(): void }[] = [];
    const port = await portOf(listen((socket) => void sockets.push(socket)));
    expect(await healthy({ PORT: port })).toBe(false);
    for (const socket of sockets) socket.destroy();
  });
});
