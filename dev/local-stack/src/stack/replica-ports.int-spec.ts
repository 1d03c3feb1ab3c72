import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reservePort } from '../processes/free-port.js';
import { AuthPortTakenError, reserveAuthPort } from './replica-ports.js';
import { forgetData } from './state-directory.js';

describe('the port of auth', () => {
  let stateDirectory: string;
  let preferred: number;
  let otherPrograms: (() => Promise<void>)[];

  beforeEach(async () => {
    otherPrograms = [];
    stateDirectory = mkdtempSync(join(tmpdir(), 'latchkey-auth-port-'));
    preferred = await uncontendedPort();
  });
  afterEach(async () => {
    for (const end of otherPrograms) await end();
    rmSync(stateDirectory, { recursive: true });
  });

  /** A free port that is not ephemeral, so that no connection of another test takes it meanwhile. */
  const uncontendedPort = async () => {
    for (let port = 20_000 + (process.pid % 10_000); ; port++) {
      const reserved = await reservePort(port);
      reserved.release();
      if (reserved.port === port) return port;
    }
  };
  /** Lets another program listen on the port. @returns a function that ends the program */
  const take = async (port: number) => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const end = async () => {
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    };
    otherPrograms.push(end);
    return end;
  };
  const startAndStop = async () => {
    const reserved = await reserveAuthPort(stateDirectory, preferred);
    reserved.release();
    return reserved.port;
  };

  it('is the preferred one at every start', async () => {
    expect([await startAndStop(), await startAndStop()]).toEqual([preferred, preferred]);
  });

  it('stays another one if the preferred one was in use at the first start', async () => {
    const end = await take(preferred);
    const port = await startAndStop();
    expect(port).not.toBe(preferred);
    expect(await startAndStop()).toBe(port);
    await end();
    expect(await startAndStop()).toBe(port);
  });

  it('is refused while another program uses it, and free again afterwards', async () => {
    await startAndStop();
    const end = await take(preferred);
    await expect(startAndStop()).rejects.toThrow(AuthPortTakenError);
    await expect(startAndStop()).rejects.toThrow(/--fresh/);
    await end();
    expect(await startAndStop()).toBe(preferred);
  });

  it('is chosen anew when the data is deleted', async () => {
    const end = await take(preferred);
    await startAndStop();
    await end();
    await forgetData(stateDirectory);
    expect(await startAndStop()).toBe(preferred);
  });
});
