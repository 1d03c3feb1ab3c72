import { ProcessGroup, ManagedProcess } from '@latchkey/local-stack';
import { LoadGenerator } from '@latchkey/load-generator';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playInTurn } from './outages-in-turn.js';
import type { OutageParts } from './outage-run.js';
import type { OutageTarget } from './outage-targets.js';

const PLAN = {
  requestsPerSecond: 20,
  baselineSeconds: 0.2,
  downSeconds: 0.5,
  afterSeconds: 0.2,
  sliceMilliseconds: 100,
};
const USER = {
  subject: 'ada',
  username: 'ada',
  token: 'none',
  cookies: { 'session-redis': '', 'session-postgres': '' },
  orderId: 'order',
};

describe('playInTurn', () => {
  const processes = new ProcessGroup();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-outages-'));
  const printed: string[] = [];
  const laboratory = {
    interrupted: new AbortController().signal,
    onProgress: () => undefined,
    print: (line: string) => printed.push(line),
  };
  let server: Server;
  let parts: OutageParts;

  beforeAll(async () => {
    server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const contender = {
      id: 'untouched',
      label: 'Untouched',
      architecture: 'unprotected',
    } as const;
    const contenders = [{ ...contender, needs: [], replica: { url } }];
    parts = { contenders, users: [USER], load: new LoadGenerator(processes) };
  });
  afterAll(async () => {
    await processes.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** A program that becomes ready a number of times, and then no more. */
  async function part(label: string, starts: number): Promise<OutageTarget> {
    let left = starts;
    const process = new ManagedProcess({
      processes,
      name: label,
      // A shell has written its line long before the time to become ready is over.
      command: '/bin/sh',
      args: ['-c', 'echo "the disk is full"; exec /bin/sleep 600'],
      env: {},
      logFile: join(folder, `${label}.log`),
      isReady: () => Promise.resolve(left-- > 0),
      readyTimeoutMs: 500,
    });
    await process.start();
    return { outage: 'nats', label, process };
  }

  it('plays one outage after another', async () => {
    const targets = [await part('first', 2), await part('second', 2)];
    const { observed, missing } = await playInTurn(laboratory, targets, parts, PLAN);
    expect(missing).toEqual([]);
    expect(observed.map(({ run }) => run.label)).toEqual(['first', 'second']);
    for (const { run } of observed)
      expect(run.timelines[0]).toMatchObject({ acceptedWhileDown: 1 });
  });

  it('ends when a part does not come back, and keeps the outages before', async () => {
    const targets = [await part('first', 2), await part('second', 1), await part('third', 2)];
    const { observed, missing } = await playInTurn(laboratory, targets, parts, PLAN);
    expect(observed.map(({ run }) => run.label)).toEqual(['first']);
    expect(missing).toHaveLength(1);
    expect(missing[0]).toMatch(/^second did not come back: .*was not ready.*\n.*the disk is full/);
    expect(printed.join('\n')).toContain('first is down for');
  });
});
