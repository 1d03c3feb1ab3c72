import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { freePort, reservePort } from './free-port.js';

const BUILT = new URL('../../dist/index.js', import.meta.url).href;

describe('reservePort', () => {
  it('reserves the preferred port if it is free', async () => {
    const first = await reservePort();
    first.release();
    const again = await reservePort(first.port);
    expect(again.port).toBe(first.port);
    again.release();
  });

  it('reserves another port if the preferred one is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const reserved = await reservePort(port);
    expect(reserved.port).not.toBe(port);
    reserved.release();
    server.close();
  });

  it('reserves ports that no outgoing connection is given', async () => {
    const reserved = await Promise.all(Array.from({ length: 20 }, () => reservePort()));
    const ports = reserved.map(({ port }) => port);
    expect(new Set(ports).size).toBe(20);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...ports)).toBeLessThan(32_768);
    for (const one of reserved) one.release();
  });

  it('never reserves a port twice, not even for another process', async () => {
    const reserved = await reservePort();
    const program = `
      import { freePort } from ${JSON.stringify(BUILT)};
      console.log(await freePort(${reserved.port}));`;
    const args = ['--input-type=module', '-e', program];
    const other = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    expect(other).toBeGreaterThan(0);
    expect(other).not.toBe(reserved.port);
    expect(await freePort(reserved.port)).not.toBe(reserved.port);
    reserved.release();
  });
});
