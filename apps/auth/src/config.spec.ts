import { readFileSync } from 'node:fs';
import { config, Environment } from './config.js';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

const minimal = {
  PORT: '4000',
  DATABASE_URL: 'postgres://auth:secret@127.0.0.1:5432/auth',
  NATS_URL: 'nats://127.0.0.1:4222',
  ISSUER: 'http://127.0.0.1:4000/',
  KEY_ENCRYPTION_KEY: Buffer.alloc(32, 0xfb).toString('base64url'),
};
const SHA256 = 'a'.repeat(64);

describe('config', () => {
  it('has defaults for all that need not be chosen', () => {
    expect(config(minimal)).toMatchObject({
      HOST: '127.0.0.1',
      ISSUER: 'http://127.0.0.1:4000',
      AUDIENCES: ['orders', 'inventory', 'payments'],
      ACCESS_TOKEN_LIFETIME_SECONDS: 300,
      REFRESH_IDLE_LIFETIME_SECONDS: 604_800,
      REFRESH_ABSOLUTE_LIFETIME_SECONDS: 2_592_000,
      REFRESH_GRACE_SECONDS: 10,
      SESSIONS_PER_ACCOUNT: 20,
      OAUTH_CLIENTS: [],
      TRUST_PROXY: false,
      DATABASE_URGENT_POOL_SIZE: 3,
      DATABASE_RELAY_POOL_SIZE: 4,
      REGISTRATIONS_PER_HOUR: 60,
    });
  });

  it.each(Object.keys(Environment.shape))('%s is in the table of the README', (name) => {
    expect(README).toMatch(new RegExp(`^\\|[^|]*\`${name}\``, 'm'));
  });

  it.each(['base64', 'base64url'] as const)('reads the key-encryption key in %s', (encoding) => {
    const key = Buffer.alloc(32, 0xfb);
    const env = { ...minimal, KEY_ENCRYPTION_KEY: key.toString(encoding) };
    expect(Buffer.from(config(env).KEY_ENCRYPTION_KEY)).toEqual(key);
  });

  it('folds the name of the first administrator as a log-in does', () => {
    const env = { ...minimal, INITIAL_ADMIN_USERNAME: 'Root', INITIAL_ADMIN_PASSWORD: 'staple it' };
    expect(config(env).INITIAL_ADMIN_USERNAME).toBe('root');
  });

  it('takes a client without scopes for one that gets no tokens of its own', () => {
    const clients = [
      { clientId: 'shop', secretSha256: SHA256 },
      { clientId: 'robot', secretSha256: SHA256, scopes: ['orders:read'] },
    ];
    const { OAUTH_CLIENTS } = config({ ...minimal, OAUTH_CLIENTS: JSON.stringify(clients) });
    expect(OAUTH_CLIENTS.map(({ scopes }) => scopes)).toEqual([[], ['orders:read']]);
  });

  it('takes a client without services to exchange for, for one that exchanges no tokens', () => {
    const clients = [
      { clientId: 'shop', secretSha256: SHA256 },
      { clientId: 'orders', secretSha256: SHA256, exchange: ['payments'] },
    ];
    const { OAUTH_CLIENTS } = config({ ...minimal, OAUTH_CLIENTS: JSON.stringify(clients) });
    expect(OAUTH_CLIENTS.map(({ exchange }) => exchange)).toEqual([[], ['payments']]);
  });

  it.each([
    ['KEY_ENCRYPTION_KEY', 'c2hvcnQ'],
    ['AUDIENCES', 'orders,,payments'],
    ['ACCESS_TOKEN_LIFETIME_SECONDS', '86400'],
    ['SESSIONS_PER_ACCOUNT', '0'],
    ['OAUTH_CLIENTS', 'not JSON'],
    ['OAUTH_CLIENTS', '[{"clientId":"shop","secret":"in the clear"}]'],
    ['OAUTH_CLIENTS', `[{"clientId":"a b","secretSha256":"${SHA256}"}]`],
    ['OAUTH_CLIENTS', `[{"clientId":"shop","secretSha256":"${SHA256}","scopes":"orders:read"}]`],
    ['OAUTH_CLIENTS', `[{"clientId":"shop","secretSha256":"${SHA256}","scopes":["a b"]}]`],
    ['OAUTH_CLIENTS', `[{"clientId":"shop","secretSha256":"${SHA256}","scopes":["auth:admin"]}]`],
    ['OAUTH_CLIENTS', `[{"clientId":"shop","secretSha256":"${SHA256}","exchange":true}]`],
    ['OAUTH_CLIENTS', `[{"clientId":"shop","secretSha256":"${SHA256}","exchange":["nobody"]}]`],
    [
      'OAUTH_CLIENTS',
      `[{"clientId":"shop","secretSha256":"${SHA256}","exchange":["${minimal.ISSUER}"]}]`,
    ],
    [
      'OAUTH_CLIENTS',
      `[{"clientId":"0197a2b0-0000-7000-8000-000000000000","secretSha256":"${SHA256}"}]`,
    ],
    ['TRUST_PROXY', 'yes'],
    ['DATABASE_URGENT_POOL_SIZE', '0'],
    ['DATABASE_RELAY_POOL_SIZE', '1.5'],
    ['REGISTRATIONS_PER_HOUR', '-7'],
    ['INITIAL_ADMIN_PASSWORD', 'long enough'],
    ['INITIAL_ADMIN_USERNAME', 'a b'],
  ])('refuses %s=%s, naming it and not its value', (name, value) => {
    const env = { ...minimal, [name]: value };
    expect(() => config(env)).toThrow(name);
    expect(() => config(env)).not.toThrow(value);
  });
});
