import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('../../../scripts', import.meta.url));
const COMPOSE_FILE = fileURLToPath(new URL('../../../../docker-compose.yml', import.meta.url));

describe('compose-env', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = join(mkdtempSync(join(tmpdir(), 'latchkey-env-')), 'My.Checkout');
    cpSync(TOOLS, join(checkout, 'dev/scripts'), { recursive: true });
    cpSync(COMPOSE_FILE, join(checkout, 'docker-compose.yml'));
  });
  afterEach(() => rmSync(dirname(checkout), { recursive: true, force: true }));

  /** @param volumes the output of `docker volume ls`; undefined without Docker */
  const run = (volumes?: string, args: string[] = []) => {
    if (volumes !== undefined) {
      const script = `#!/bin/sh\necho "$@" > ${checkout}/asked\nprintf '%s' '${volumes}'\n`;
      writeFileSync(join(checkout, 'docker'), script, { mode: 0o755 });
    }
    return spawnSync(
      process.execPath,
      [join(checkout, 'dev/scripts', 'compose-env.mjs'), ...args],
      {
        encoding: 'utf8',
        env: { PATH: volumes === undefined ? '/nowhere' : `${checkout}:/usr/bin:/bin` },
      },
    );
  };
  const envFile = () => readFileSync(join(checkout, '.env'), 'utf8');
  const variables = () => new Map(envFile().trim().split('\n').map(pairOf));
  const pairOf = (line: string): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
  };

  it('writes a secret for every required variable, readable only by the owner', () => {
    const { status, stdout } = run();
    expect(status).toBe(0);
    expect(statSync(join(checkout, '.env')).mode & 0o777).toBe(0o600);
    const named = readFileSync(COMPOSE_FILE, 'utf8').matchAll(/\$\{(\w+)(:-)?/g);
    for (const [, name, hasDefault] of named)
      if (hasDefault === undefined) expect(variables().get(name!)).toMatch(/^[\w-]{32,}$/);
    for (const secret of variables().values()) expect(stdout).not.toContain(secret);
  });

  it('keeps the values of an older file, and adds the missing ones', () => {
    writeFileSync(join(checkout, '.env'), 'POSTGRES_PASSWORD=old\nORDERS_CLIENT_SECRET=known');
    const { status, stdout } = run('latchkey_postgres');
    expect(status).toBe(0);
    expect(stdout).toContain('REDIS_PASSWORD');
    expect(variables().get('POSTGRES_PASSWORD')).toBe('old');
    const hash = createHash('sha256').update('known').digest('hex');
    expect(variables().get('ORDERS_CLIENT_SECRET_SHA256')).toBe(hash);
  });

  it('does not change a complete file', () => {
    run();
    const before = envFile();
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain('left as it is');
    expect(envFile()).toBe(before);
  });

  it('writes no file if volumes of a lost one exist, and says what to do', () => {
    const { status, stderr } = run('mycheckout_postgres\nmycheckout_nats\n');
    expect(status).toBe(1);
    expect(existsSync(join(checkout, '.env'))).toBe(false);
    expect(stderr).toContain('Bring the old .env back');
    expect(stderr).toContain('docker volume rm mycheckout_postgres mycheckout_nats');
    expect(readFileSync(join(checkout, 'asked'), 'utf8')).toContain('project=mycheckout');
  });

  it('writes a file if there are no volumes', () => {
    expect(run('').status).toBe(0);
  });

  it.each([['--force'], ['more']])('exits with 2 for %s', (argument) => {
    const { status, stderr } = run(undefined, [argument]);
    expect(status).toBe(2);
    expect(stderr).toContain('Usage: node dev/scripts/compose-env.mjs');
    expect(existsSync(join(checkout, '.env'))).toBe(false);
  });
});
