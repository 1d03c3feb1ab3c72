import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { ensureNatsServer, OLDEST_NATS_VERSION } from '../programs/ensure-nats-server.js';
import { ProcessGroup } from '../processes/process-group.js';
import { NATS_USERS, natsPasswords, startNats, type NatsPasswords } from './nats.js';
import { isAtLeast } from '../programs/program-version.js';
import { temporaryDirectory } from '../processes/temporary-directory.js';

/** On a busy machine the server may time out before it reads the credentials. */
const REFUSED = /authorization|authentication timeout/i;

describe('startNats', () => {
  let processes: ProcessGroup;
  let directory: string;
  beforeEach(() => {
    processes = new ProcessGroup();
    directory = temporaryDirectory(processes);
  });
  afterEach(() => processes.close());

  const start = (passwords: NatsPasswords) =>
    startNats({
      processes,
      stateDirectory: directory,
      storeDirectory: join(directory, 'a store'),
      passwords,
    });

  it.each([
    [['12', '1k', 'true', '0x1f']],
    [['a#b', 'a//b', '$HOME', '"quoted"']],
    [['a b', 'c\\d', '{}', "it's; [1, 2]"]],
  ])('accepts the passwords %j verbatim', async (strange) => {
    const all = natsPasswords((user, index) => strange[index] ?? `of-${user}`);
    const nats = await start(all);
    for (const user of NATS_USERS) {
      const client = await connect({ servers: nats.url, user, pass: all[user], reconnect: false });
      await client.close();
      const wrong = { servers: nats.url, user, pass: `${all[user]}x`, reconnect: false };
      await expect(connect(wrong)).rejects.toThrow(REFUSED);
    }
    await nats.stop();
  });

  it.each(['$2a$10$abcdefghijklmnopqrstuv', 'line\nbreak'])(
    'refuses the password %j',
    async (auth) => {
      const passwords = { ...natsPasswords((user) => `of-${user}`), auth };
      await expect(start(passwords)).rejects.toThrow(/NATS password|control character/);
    },
  );
});

describe('ensureNatsServer', () => {
  let processes: ProcessGroup;
  let directory: string;
  const path = process.env['PATH'];
  beforeEach(() => {
    processes = new ProcessGroup();
    directory = mkdtempSync(join(tmpdir(), 'latchkey-path-'));
    process.env['PATH'] = `${directory}:${path ?? ''}`;
  });
  afterEach(async () => {
    process.env['PATH'] = path;
    rmSync(directory, { recursive: true });
    await processes.close();
  });

  const putOnPath = (version: string) => {
    const program = join(directory, 'nats-server');
    writeFileSync(program, `#!/bin/sh\necho 'nats-server: v${version}'\n`);
    chmodSync(program, 0o755);
    return program;
  };

  it('uses an installed program that is new enough', async () => {
    const program = putOnPath('99.1.2');
    const server = await ensureNatsServer({ processes, stateDirectory: directory });
    expect(server).toEqual({ path: program, version: '99.1.2', origin: 'PATH' });
  });

  it('skips an installed program that is too old', async () => {
    const program = putOnPath('2.9.10');
    const server = await ensureNatsServer({ processes, stateDirectory: directory });
    expect(server.path).not.toBe(program);
    expect(isAtLeast(server.version, OLDEST_NATS_VERSION)).toBe(true);
  });
});
