import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createFaultProxy, type FaultProxy } from './fault-proxy.js';
import { waitFor } from '../processes/wait-for.js';

describe('FaultProxy', () => {
  let echo: Server;
  let received: string;
  let proxy: FaultProxy;
  const open: Socket[] = [];
  beforeEach(async () => {
    received = '';
    echo = createServer((socket) => {
      socket.on('data', (data) => (received += data.toString()));
      socket.on('error', () => undefined);
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await createFaultProxy((echo.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await proxy.close();
    echo.close();
  });

  /** Connects a client that records what it receives. */
  async function client(): Promise<{ socket: Socket; text: () => string; closed: () => boolean }> {
    const socket = connect(proxy.port, '127.0.0.1');
    open.push(socket);
    let text = '';
    let closed = false;
    socket.on('data', (data) => (text += data.toString()));
    socket.on('close', () => (closed = true));
    socket.on('error', () => (closed = true));
    await waitFor(() => !socket.connecting);
    return { socket, text: () => text, closed: () => closed };
  }

  it('forwards all data and the end of the stream', async () => {
    const { socket, text, closed } = await client();
    const much = 'x'.repeat(2_000_000);
    socket.end(much);
    await waitFor(closed);
    expect(text()).toBe(much);
    expect(proxy.openConnections).toBe(0);
  });

  it('counts bytes and questions', async () => {
    const { socket, text } = await client();
    for (const word of ['one', 'two', 'three']) {
      const before = text().length;
      socket.write(word);
      await waitFor(() => text().length === before + word.length);
    }
    expect(proxy.traffic).toEqual({ up: 11, down: 11, questions: 3 });
  });

  it('substitutes its address in a URL', () => {
    expect(proxy.through('nats://u:p@localhost:4222')).toBe(`nats://u:p@127.0.0.1:${proxy.port}`);
    expect(proxy.through('postgres://u:p@h:1/db')).toBe(
      `postgres://u:p@127.0.0.1:${proxy.port}/db`,
    );
    expect(proxy.through('http://h:1/a?b')).toBe(`http://127.0.0.1:${proxy.port}/a?b`);
  });

  it('cuts what is open and what comes, until healed', async () => {
    const before = await client();
    before.socket.write('a');
    await waitFor(() => before.text() === 'a');
    proxy.cut();
    await waitFor(before.closed);
    await waitFor((await client()).closed);
    proxy.heal();
    const after = await client();
    after.socket.write('b');
    await waitFor(() => after.text() === 'b');
  });

  it('resets open connections and accepts new ones', async () => {
    const before = await client();
    before.socket.write('a');
    await waitFor(() => before.text() === 'a');
    proxy.reset();
    await waitFor(before.closed);
    const after = await client();
    after.socket.write('b');
    await waitFor(() => after.text() === 'b');
  });

  it('delays bytes and keeps their order', async () => {
    proxy.delay(100, ['down']);
    const { socket, text } = await client();
    const startedAt = performance.now();
    socket.write('a');
    await waitFor(() => text() !== '');
    expect(performance.now() - startedAt).toBeGreaterThan(95);
    socket.write('b');
    socket.write('c');
    await waitFor(() => text() === 'abc');
  });

  it('drops one direction of an open connection, and resets the connection when healed', async () => {
    proxy.halfOpen(['down']);
    const { socket, text, closed } = await client();
    socket.write('a');
    await waitFor(() => received === 'a');
    socket.write('b');
    await waitFor(() => received === 'ab');
    expect([text(), closed()]).toEqual(['', false]);
    proxy.heal();
    await waitFor(closed);
    expect(text()).toBe('');
  });

  it('holds bytes back and delivers them when healed', async () => {
    proxy.hold(['up']);
    const { socket, text } = await client();
    socket.write('a');
    socket.write('b');
    await waitFor(() => socket.bytesWritten === 2);
    proxy.delay(0, ['down']);
    expect(received).toBe('');
    proxy.heal();
    await waitFor(() => text() === 'ab');
  });

  it('closes the client connection if the target is not listening', async () => {
    echo.close();
    const { closed } = await client();
    await waitFor(closed);
  });
});
