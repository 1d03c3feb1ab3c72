import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { environment, InvalidEnvironmentError, loadConfig } from './index.js';

const schema = z.object({
  PORT: environment.port,
  DATABASE_URL: environment.databaseUrl,
  NATS_URL: environment.natsUrl,
  ISSUER: environment.httpUrl,
  LEVEL: z.enum(['a', 'b']).default('a'),
});
const good = {
  PORT: '4000',
  DATABASE_URL: 'postgres://user:password@127.0.0.1:5432/orders',
  NATS_URL: 'nats://127.0.0.1:4222',
  ISSUER: 'https://auth.example.com/',
};

describe('loadConfig', () => {
  it('reads, converts and freezes the environment', () => {
    const config = loadConfig(schema, { ...good, UNRELATED: 'x' });
    expect(config).toMatchObject({ PORT: 4000, ISSUER: 'https://auth.example.com', LEVEL: 'a' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every missing or wrong variable at once, and quotes no value', () => {
    const read = () =>
      loadConfig(schema, { PORT: '99999', DATABASE_URL: 'hunter2', LEVEL: 'secret-level' });
    expect(read).toThrow(InvalidEnvironmentError);
    for (const name of [
      'PORT',
      'DATABASE_URL',
      'NATS_URL is not set',
      'ISSUER',
      'LEVEL is wrong',
    ]) {
      expect(read).toThrow(new RegExp(name));
    }
    expect(read).not.toThrow(/hunter2|secret-level|99999/);
  });

  it.each([
    ['NATS_URL', 'http://127.0.0.1'],
    ['NATS_URL', 'nats://a,nats:// b'],
    ['ISSUER', 'ftp://auth'],
    ['ISSUER', 'auth.example.com'],
    ['DATABASE_URL', 'mysql://x'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => loadConfig(schema, { ...good, [name]: value })).toThrow(name);
  });

  describe('with a file for a variable', () => {
    let directory: string;
    let path: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
      path = join(directory, 'level');
    });
    afterEach(() => rmSync(directory, { recursive: true }));
    const read = (env: Record<string, string> = {}) =>
      loadConfig(z.object({ SECRET: z.string(), OTHER: z.string().default('x') }), {
        ...{ SECRET_FILE: path, ...env },
      });

    it.each([
      ['hunter2', 'hunter2'],
      ['hunter2\n', 'hunter2'],
      ['hunter2\r\n', 'hunter2'],
      ['hunter2\n\n', 'hunter2'],
      [' two words ', ' two words '],
      ['\ufeffhunter2\n', 'hunter2'],
      ['first\nsecond\n', 'first\nsecond'],
    ])('that contains %j, reads %j', (text, expected) => {
      writeFileSync(path, text);
      expect(read().SECRET).toBe(expected);
    });

    it('follows a symbolic link, because mounted secrets are links', () => {
      writeFileSync(join(directory, 'data'), 'hunter2');
      symlinkSync('data', path);
      expect(read().SECRET).toBe('hunter2');
    });

    it.each<[string, () => void]>([
      ['cannot be read (ENOENT)', () => undefined],
      ['is a directory', () => mkdirSync(path)],
      ['is empty', () => writeFileSync(path, '')],
      ['is empty', () => writeFileSync(path, ' \n')],
      ['is not UTF-8 text', () => writeFileSync(path, Buffer.from('hunter2\xff', 'latin1'))],
    ])('reports that it %s, together with all other mistakes', (message, prepare) => {
      prepare();
      const schema = z.object({ SECRET: z.string(), PORT: environment.port });
      const reading = () => loadConfig(schema, { SECRET_FILE: path, PORT: 'eighty' });
      expect(reading).toThrow(`  SECRET_FILE is wrong: ${path} ${message}\n  PORT is wrong: `);
      expect(reading).not.toThrow('hunter2');
    });

    it('refuses a variable that is set in addition to its file, unless it is empty', () => {
      writeFileSync(path, 'hunter2');
      expect(() => read({ SECRET: 'other' })).toThrow(
        'SECRET is set twice: remove either SECRET or SECRET_FILE',
      );
      expect(read({ SECRET: '' }).SECRET).toBe('hunter2');
    });

    it('does not quote the content of a file', () => {
      writeFileSync(path, 'hunter2');
      const schema = z.object({ SECRET: environment.databaseUrl });
      const reading = () => loadConfig(schema, { SECRET_FILE: path });
      expect(reading).toThrow('SECRET is wrong: must be a URL');
      expect(reading).not.toThrow('hunter2');
    });
  });
});
