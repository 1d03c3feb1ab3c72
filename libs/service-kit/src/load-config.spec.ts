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
  it('reads, converts and freezes', () => {
    const config = loadConfig(schema, { ...good, UNRELATED: 'x' });
    expect(config).toMatchObject({ PORT: 4000, ISSUER: 'https://auth.example.com', LEVEL: 'a' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every variable that is missing or wrong at once, and no value', () => {
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
});
