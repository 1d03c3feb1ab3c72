import { describeConfigurationTable, describeEnvironment } from '@latchkey/service-kit/suite';
import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { minimal, rows, SHA256 } from '../test/environment-rows.js';
import { config, Environment } from './config.js';

describe('config', () => {
  describeEnvironment(Environment, rows, minimal);
  describeConfigurationTable('auth', Environment, rows, minimal);

  it('has defaults for all optional variables', () => {
    expect(config(minimal)).toMatchObject({
      HOST: '127.0.0.1',
      ISSUER: 'https://auth.example.com',
      USER_SCOPES: [],
      ADMIN_SCOPES: [],
      ROLES: new Map(),
      ACCESS_TOKEN_LIFETIME_SECONDS: 300,
      TRANSACTION_TOKEN_LIFETIME_SECONDS: 60,
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

  describe('with the scopes of each audience', () => {
    const AUDIENCES = JSON.stringify({
      orders: ['orders:read', 'orders:write', 'orders:admin'],
      inventory: ['inventory:read', 'orders:read'],
    });
    const read = (more: Record<string, string>) => config({ ...minimal, AUDIENCES, ...more });
    const clients = (policy: object) => ({
      OAUTH_CLIENTS: JSON.stringify([{ clientId: 'shop', secretSha256: SHA256, ...policy }]),
    });

    it('reads the table, even if it has line breaks', () => {
      const table = new Map([
        ['orders', new Set(['orders:read', 'orders:write', 'orders:admin'])],
        ['inventory', new Set(['inventory:read', 'orders:read'])],
      ]);
      expect(read({}).AUDIENCES).toEqual(table);
      const pretty = JSON.stringify(JSON.parse(AUDIENCES), undefined, 2);
      expect(read({ AUDIENCES: pretty }).AUDIENCES).toEqual(table);
    });

    it('reads any table as it was written', () => {
      const scope = fc
        .stringMatching(/^[a-z:"\\ ]{1,8}$/)
        .map((text) => text.replace(/["\\ ]/g, '!'));
      const table = fc.dictionary(
        fc.stringMatching(/^[a-z0-9.:{}[\]-]{1,12}$/),
        fc.uniqueArray(scope, { minLength: 1, maxLength: 4 }),
        { minKeys: 1 },
      );
      fc.assert(
        fc.property(table, (lists) => {
          const text = JSON.stringify(lists);
          fc.pre(!text.includes('"auth:'));
          const expected = Object.entries(lists).map(([name, names]) => [name, new Set(names)]);
          expect([...config({ ...minimal, AUDIENCES: text }).AUDIENCES]).toEqual(expected);
        }),
      );
    });

    it.each([
      ['USER_SCOPES', { USER_SCOPES: 'orders:read inventory:read' }],
      ['ADMIN_SCOPES', { ADMIN_SCOPES: 'orders:admin' }],
      ['ROLES', { ROLES: '{"support":["orders:read","orders:admin"]}' }],
      ['OAUTH_CLIENTS', clients({ scopes: ['orders:read'] })],
      ['OAUTH_CLIENTS', clients({ exchange: ['orders'] })],
      ['OAUTH_CLIENTS', clients({ exchange: { inventory: ['orders:read'] } })],
    ])('accepts known scopes in %s', (_, more) => {
      expect(read(more)).toBeDefined();
    });

    it.each([
      ['USER_SCOPES', { USER_SCOPES: 'orders:read orders:raed' }, 'orders:raed'],
      ['USER_SCOPES', { USER_SCOPES: 'Orders:read' }, 'Orders:read'],
      ['ADMIN_SCOPES', { ADMIN_SCOPES: 'payments:admin x' }, 'payments:admin x'],
      ['ROLES', { ROLES: '{"support":["orders:read","shipping:read"]}' }, 'shipping:read'],
      ['OAUTH_CLIENTS', clients({ scopes: ['payments:read'] }), 'payments:read'],
      [
        'OAUTH_CLIENTS',
        clients({ exchange: { inventory: ['inventory:read', 'orders:write'] } }),
        'orders:write',
      ],
    ])(
      'refuses an unknown scope in %s and names it, along with other errors',
      (name, more, scope) => {
        const message =
          `  ${name} is wrong: contains ${scope}, which no service in AUDIENCES knows ` +
          '(scopes are case-sensitive)';
        expect(() => read(more)).toThrow(message);
        expect(() => read({ ...more, SESSIONS_PER_ACCOUNT: '0' })).toThrow(message);
      },
    );
  });

  it.each(['orders,https://auth.example.com', '{"https://auth.example.com":["orders:read"]}'])(
    'refuses the issuer as one of the audiences in %s',
    (audiences) => {
      expect(() => config({ ...minimal, AUDIENCES: audiences })).toThrow(
        '  AUDIENCES is wrong: must not name ISSUER',
      );
    },
  );

  it.each(['base64', 'base64url'] as const)('reads the key-encryption key in %s', (encoding) => {
    const key = Buffer.alloc(32, 0xfb);
    const env = { ...minimal, KEY_ENCRYPTION_KEY: key.toString(encoding) };
    expect(Buffer.from(config(env).KEY_ENCRYPTION_KEY)).toEqual(key);
  });

  it.each(['KEY_ENCRYPTION_KEY_NEXT', 'KEY_ENCRYPTION_KEY_PREVIOUS'])(
    'refuses a %s equal to the current key, in either encoding',
    (name) => {
      for (const encoding of ['base64', 'base64url'] as const) {
        const value = Buffer.alloc(32, 0xfb).toString(encoding);
        const env = { ...minimal, [name]: value };
        expect(() => config(env)).toThrow(`  ${name} is wrong: is the same key as`);
        expect(() => config(env)).not.toThrow(value);
      }
    },
  );

  it('refuses to start a key change before the previous one is complete', () => {
    const [next, previous] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    const env = {
      ...minimal,
      KEY_ENCRYPTION_KEY_NEXT: next,
      KEY_ENCRYPTION_KEY_PREVIOUS: previous,
    };
    expect(() => config(env)).toThrow(
      /KEY_ENCRYPTION_KEY_PREVIOUS .* combined with KEY_ENCRYPTION_KEY_NEXT/,
    );
  });

  it.each([
    ['aaaaaaaa', 'repeats itself'],
    ['bcdefghi', 'is a sequence'],
    ['password1', 'is too common'],
    ['Administrator', 'is the user name'],
    [' rotartsinimda ', 'is the user name'],
  ])(
    'refuses %j as the initial administrator password, along with other errors',
    (password, why) => {
      const env = {
        ...minimal,
        INITIAL_ADMIN_USERNAME: 'administrator',
        INITIAL_ADMIN_PASSWORD: password,
        SESSIONS_PER_ACCOUNT: '0',
      };
      const sentence = `the password ${why}: choose one that is hard to guess`;
      expect(() => config(env)).toThrow(`  INITIAL_ADMIN_PASSWORD is wrong: ${sentence}`);
      expect(() => config(env)).toThrow('  SESSIONS_PER_ACCOUNT is wrong: ');
    },
  );

  it("normalizes the first administrator's name as a log-in does", () => {
    const env = { ...minimal, INITIAL_ADMIN_USERNAME: 'Root', INITIAL_ADMIN_PASSWORD: 'staple it' };
    expect(config(env).INITIAL_ADMIN_USERNAME).toBe('root');
  });

  it('defaults a client to no scopes', () => {
    const clients = [
      { clientId: 'shop', secretSha256: SHA256 },
      { clientId: 'robot', secretSha256: SHA256, scopes: ['orders:read'] },
    ];
    const { OAUTH_CLIENTS } = config({ ...minimal, OAUTH_CLIENTS: JSON.stringify(clients) });
    expect(OAUTH_CLIENTS.map(({ scopes }) => [...scopes])).toEqual([[], ['orders:read']]);
  });

  it('defaults a client to no token exchange', () => {
    const clients = [
      { clientId: 'shop', secretSha256: SHA256 },
      { clientId: 'orders', secretSha256: SHA256, exchange: ['payments'] },
    ];
    const { OAUTH_CLIENTS } = config({ ...minimal, OAUTH_CLIENTS: JSON.stringify(clients) });
    expect(OAUTH_CLIENTS.map(({ exchange }) => [...exchange])).toEqual([
      [],
      [['payments', undefined]],
    ]);
  });

  it('limits the scopes of an exchange per service', () => {
    const exchange = { inventory: ['inventory:read', 'inventory:write'] };
    const clients = [{ clientId: 'orders', secretSha256: SHA256, exchange }];
    const { OAUTH_CLIENTS } = config({ ...minimal, OAUTH_CLIENTS: JSON.stringify(clients) });
    expect([...OAUTH_CLIENTS[0]!.exchange]).toEqual([
      ['inventory', new Set(['inventory:read', 'inventory:write'])],
    ]);
  });

  describe('with public keys of a client', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' });
    const read = (client: object) =>
      config({
        ...minimal,
        OAUTH_CLIENTS: JSON.stringify([{ clientId: 'shop', ...client }]),
      }).OAUTH_CLIENTS;

    it('reads them, with or without a secret', () => {
      const jwks = { keys: [jwk] };
      expect(read({ jwks })).toMatchObject([{ clientId: 'shop', keys: [{ jwk }] }]);
      expect(read({ jwks, secretSha256: SHA256 })).toMatchObject([
        { secretSha256: SHA256, keys: [{ jwk }] },
      ]);
    });

    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    it.each<[string, object, string]>([
      ['a private key', privateKey.export({ format: 'jwk' }), 'has private members'],
      ['a symmetric key', { kty: 'oct', k: 'aHVudGVyMg' }, '.kty must be RSA, EC or OKP'],
      ['a weak key', weak.export({ format: 'jwk' }), 'must have 2048 to 8192 bits'],
      ['a key for encryption', { ...jwk, use: 'enc' }, '.use must be sig'],
      ['a key that may not verify', { ...jwk, key_ops: ['sign'] }, '.key_ops must contain verify'],
      ['an unsupported algorithm', { ...jwk, alg: 'ES512' }, '.alg is not a supported algorithm'],
      ['an invalid kid', { ...jwk, kid: 'a\0b' }, '.kid must be at most 128 printable characters'],
    ])('refuses %s, and says where it is', (_, key, why) => {
      const reading = () => read({ jwks: { keys: [jwk, key] } });
      expect(reading).toThrow(`: [0].jwks.keys[1]${why.startsWith('.') ? '' : ' '}${why}`);
      for (const value of Object.values(key).filter((text) => text !== jwk.kty && text !== jwk.crv))
        if (String(value).length > 8) expect(reading).not.toThrow(String(value));
    });

    it.each([{}, { jwks: { keys: [] } }, { jwks: [] }, { jwks: { keys: [jwk] }, jwksUri: 'x' }])(
      'refuses a client with %j',
      (client) => expect(() => read(client)).toThrow('OAUTH_CLIENTS is wrong: '),
    );
  });

  it.each([
    ['KEY_ENCRYPTION_KEY', 'c2hvcnQ'],
    ['AUDIENCES', 'orders,,payments'],
    ['ACCESS_TOKEN_LIFETIME_SECONDS', '86400'],
    ['TRUST_DOMAIN', 'https://auth.example.com'],
    ['TRUST_DOMAIN', 'orders'],
    ['TRANSACTION_TOKEN_LIFETIME_SECONDS', '600'],
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
    ...['{"nobody":["a"]}', '{"orders":[]}', '{"orders":"a"}', '{"orders":["auth:admin"]}'].map(
      (exchange) => [
        'OAUTH_CLIENTS',
        `[{"clientId":"shop","secretSha256":"${SHA256}","exchange":${exchange}}]`,
      ],
    ),
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
  ])('refuses %s=%s, naming the variable but not its value', (name, value) => {
    const env = { ...minimal, [name]: value };
    expect(() => config(env)).toThrow(name);
    expect(() => config(env)).not.toThrow(value);
  });
});
