import { once } from 'node:events';
import { connect } from 'node:net';
import { startTestRedis, type TestRedis } from './test-redis.js';

/** Sends commands and returns the lines of the replies (RESP). */
async function ask({ port, url }: TestRedis, ...commands: string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write([`AUTH ${new URL(url).password}`, ...commands, 'QUIT', ''].join('\r\n'));
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts).toString().split('\r\n').slice(1, -2);
}

describe('startTestRedis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis.close());

  it('refuses clients without the password', async () => {
    const stranger = Object.assign(Object.create(redis) as TestRedis, {
      url: redis.url.replace(/:[^:@]+@/, ':wrong@'),
    });
    expect(await ask(stranger, 'GET one')).toEqual([expect.stringContaining('NOAUTH')]);
  });

  it('keeps acknowledged writes when it is killed', async () => {
    expect(await ask(redis, 'SET one 1')).toEqual(['+OK']);
    const { port, pid } = redis;
    await redis.kill();
    expect(redis.pid).toBeUndefined();
    await redis.restart();
    expect(redis.port).toBe(port);
    expect(redis.pid).not.toBe(pid);
    expect(await ask(redis, 'GET one')).toEqual(['$1', '1']);
  });

  it('leaves nothing running', async () => {
    const other = await startTestRedis();
    const pid = other.pid!;
    await other.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
