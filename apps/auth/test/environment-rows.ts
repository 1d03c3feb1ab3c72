import { sessionRows } from '@latchkey/service-authentication/suite/sessions';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COUNT, minimalService, required, SECONDS, serviceRows } from '@latchkey/service-kit/suite';

const consoleFiles = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
writeFileSync(join(consoleFiles, 'index.html'), '');
afterAll(() => rmSync(consoleFiles, { recursive: true }));

/** The variables that have no default. */
export const minimal = {
  ...minimalService,
  NATS_URL: 'nats://127.0.0.1:4222',
  KEY_ENCRYPTION_KEY: Buffer.alloc(32, 0xfb).toString('base64url'),
  AUDIENCES: 'orders,inventory,payments',
};
const NOT_32_BYTES = {
  wrongType: ['hunter2 '.repeat(4), `${'='.repeat(20)}${minimal.KEY_ENCRYPTION_KEY}`],
  outOfRange: [Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')],
} as const;
const OTHER_KEY = {
  good: Buffer.alloc(32, 0xfc).toString('base64'),
  reads: new Uint8Array(32).fill(0xfc),
  ...NOT_32_BYTES,
};
const SCOPES = {
  reads: ['orders:read', 'orders:write'],
  absent: [],
  wrongType: ['orders:read "', 'orders\\read'],
  outOfRange: ['auth:admin', 'orders:read auth:keys'],
} as const;
export const SHA256 = 'a'.repeat(64);
const DAY = 86_400;

/** Good and bad values of every variable of the auth service. */
export const rows = {
  ...serviceRows,
  ...sessionRows,
  NATS_STREAM_REPLICAS: {
    ...{ good: '3', reads: 3, absent: 1 },
    wrongType: COUNT.wrongType,
    outOfRange: ['0', '2', '7'],
  },
  KEY_ENCRYPTION_KEY: {
    good: minimal.KEY_ENCRYPTION_KEY,
    reads: new Uint8Array(32).fill(0xfb),
    absent: required,
    ...NOT_32_BYTES,
  },
  KEY_ENCRYPTION_KEY_NEXT: OTHER_KEY,
  KEY_ENCRYPTION_KEY_PREVIOUS: OTHER_KEY,
  AUDIENCES: {
    good: 'orders, payments',
    reads: new Map([
      ['orders', undefined],
      ['payments', undefined],
    ]),
    absent: required,
    wrongType: [
      ...['orders,,payments', '"orders,payments"', "'orders,payments'", 'ord\ners,payments'],
      ...['["orders"]', '{"orders":["orders:read"]', '{"orders":"hunter2"}', '{"orders":null}'],
      ...['{"orders":{"hunter2":["orders:read"]}}', '{"orders":[7]}', '{orders:["orders:read"]}'],
    ],
    outOfRange: [
      ...['orders,orders', 'orders,Orders', '{}', '{"orders":[]}', '{"":["orders:read"]}'],
      ...['{" orders":["orders:read"]}', '{"orders":["orders:read","orders:read"]}'],
      ...['{"orders":["hunter2 hunter2"]}', '{"orders":["auth:admin"]}'],
      '{"orders":["orders:read"],"orders":["orders:write"]}',
      '{"orders":["orders:read"],"ORDERS":["orders:write"]}',
      '{"orders":["orders:read"],"ord\\u0065rs":["orders:write"]}',
    ],
  },
  USER_SCOPES: { good: ' orders:read  orders:write orders:read', ...SCOPES },
  ADMIN_SCOPES: { good: 'orders:read orders:write', ...SCOPES },
  ROLES: {
    good: '{"support":["orders:read","orders:write"],"stock-keeper":["inventory:write"]}',
    reads: new Map([
      ['support', ['orders:read', 'orders:write']],
      ['stock-keeper', ['inventory:write']],
    ]),
    absent: new Map(),
    wrongType: [
      ...['support', '["support"]', '{"support":"orders:read"}', '{"support":[["orders:read"]]}'],
      ...['{"support":["hunter2 "]}', '{support:["orders:read"]}'],
    ],
    outOfRange: [
      ...['{"support":[]}', '{"Support":["orders:read"]}', '{"":["orders:read"]}'],
      ...['{"support":["auth:admin"]}', '{"admin":["orders:read"]}', '{"2nd":["orders:read"]}'],
      '{"support":["orders:read"],"support":["orders:write"]}',
    ],
  },
  ACCESS_TOKEN_LIFETIME_SECONDS: {
    ...{ good: '60', reads: 60, absent: 300 },
    wrongType: SECONDS.wrongType,
    outOfRange: ['0', '3601', '1.5'],
  },
  TRUST_DOMAIN: {
    good: 'shop.example.com',
    wrongType: ['a b', '"shop"'],
    outOfRange: 'none',
  },
  TRANSACTION_TOKEN_LIFETIME_SECONDS: {
    ...{ good: '30', reads: 30, absent: 60 },
    wrongType: SECONDS.wrongType,
    outOfRange: ['0', '301', '1.5'],
  },
  REFRESH_IDLE_LIFETIME_SECONDS: { good: '60', reads: 60, absent: 7 * DAY, ...SECONDS },
  REFRESH_ABSOLUTE_LIFETIME_SECONDS: { good: '60', reads: 60, absent: 30 * DAY, ...SECONDS },
  REFRESH_GRACE_SECONDS: {
    ...{ good: '0', reads: 0, absent: 10 },
    wrongType: SECONDS.wrongType,
    outOfRange: ['-1', '61'],
  },
  AUDIT_RETENTION_DAYS: {
    ...{ good: '30', reads: 30, absent: 90 },
    wrongType: COUNT.wrongType,
    outOfRange: ['0', '3651', '1.5'],
  },
  SESSION_ADDRESSES: {
    ...{ good: 'false', reads: false, absent: true },
    wrongType: ['no', '0', 'FALSE'],
    outOfRange: 'none',
  },
  SESSIONS_PER_ACCOUNT: {
    ...{ good: '1', reads: 1, absent: 20 },
    wrongType: COUNT.wrongType,
    outOfRange: ['0', '1001', '1.5'],
  },
  SIGNING_KEY_PUBLISH_AHEAD_SECONDS: { good: '4', reads: 4, absent: 60, ...SECONDS },
  SIGNING_KEY_ROTATION_SECONDS: { good: '60', reads: 60, absent: 30 * DAY, ...SECONDS },
  OAUTH_CLIENTS: {
    good: `[{"clientId":"shop","secretSha256":"${SHA256}"}]`,
    reads: [
      { clientId: 'shop', secretSha256: SHA256, keys: [], scopes: new Set(), exchange: new Map() },
    ],
    absent: [],
    wrongType: ['shop:hunter2', '{"clientId":"shop","secret":"hunter2"}'],
    outOfRange: [`[{"clientId":"a b","secretSha256":"${SHA256}"}]`],
  },
  INITIAL_ADMIN_USERNAME: {
    good: 'Root',
    reads: 'root',
    wrongType: ['a b'],
    outOfRange: ['x'.repeat(1_000)],
    with: { INITIAL_ADMIN_PASSWORD: 'staple it' },
  },
  INITIAL_ADMIN_PASSWORD: {
    good: 'staple it',
    wrongType: 'none',
    outOfRange: ['hunter2', 'hunter2'.repeat(200), 'aaaaaaaa', 'bcdefghi', 'Password1'],
    with: { INITIAL_ADMIN_USERNAME: 'root' },
  },
  CONSOLE_DIRECTORY: {
    good: consoleFiles,
    wrongType: [join(consoleFiles, 'missing'), join(consoleFiles, 'index.html'), tmpdir()],
    outOfRange: 'none',
  },
  TRUST_PROXY: {
    ...{ good: 'false', reads: false, absent: false },
    wrongType: ['maybe', 'TRUE', '10.0.0.0/8;::1'],
    outOfRange: ['0', '1000'],
  },
  DATABASE_URGENT_POOL_SIZE: {
    ...{ good: '2', reads: 2, absent: 3 },
    wrongType: COUNT.wrongType,
    outOfRange: ['0', '101', '1.5'],
  },
  DATABASE_RELAY_POOL_SIZE: {
    ...{ good: '2', reads: 2, absent: 4 },
    wrongType: COUNT.wrongType,
    outOfRange: ['0', '101', '1.5'],
  },
  REGISTRATIONS_PER_HOUR: {
    ...{ good: '7', reads: 7, absent: 60 },
    wrongType: COUNT.wrongType,
    outOfRange: ['0', '1000001', '1.5'],
  },
} as const;
