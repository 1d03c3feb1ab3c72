import { REVOCATION_EVENT_TYPE, SNAPSHOT_TYPE, TRANSACTION_TOKEN_TYPE } from '@latchkey/contracts';
import { call, type LatchkeyStack } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { readFileSync } from 'node:fs';
import { READER_SECRET, ROBOT } from '../../src/shared-stack.js';
import { signByAuth } from './auths-own-key.js';
import { Shop } from './shop-fixture.js';

const SERVICES = ['auth', 'orders', 'inventory', 'payments'] as const;
type Service = (typeof SERVICES)[number];
type Expected = Readonly<Record<Service, 200 | 401>>;

/** A route of each service for which any token for that service is enough. */
const ROUTES = {
  auth: ['auth', '/sessions'],
  orders: ['orders-1', '/orders'],
  inventory: ['inventory', '/products'],
  payments: ['payments', '/payments'],
} as const satisfies Readonly<Record<Service, readonly [keyof LatchkeyStack['replicas'], string]>>;

const only = (...services: readonly Service[]): Expected =>
  Object.fromEntries(
    SERVICES.map((name) => [name, services.includes(name) ? 200 : 401]),
  ) as unknown as Expected;

const nowhere = only();

/** Every kind of token at every service. docs/service-calls.md has the same table. */
describe('every kind of token at every service', () => {
  let shop: Shop;
  let user: string;
  let refreshToken: string;

  beforeAll(async () => {
    shop = await Shop.open();
    const ada = await TestUser.register(shop.stack.issuer);
    ({ access_token: user, refresh_token: refreshToken } = await ada.logIn());
  });

  const exchanged = (client: 'orders' | 'inventory', audience: Service) =>
    shop.exchange({ name: client, secret: READER_SECRET }, user, audience, `${audience}:read`);
  const own = (audience: Service) =>
    shop.ownToken({ name: ROBOT.id, secret: ROBOT.secret }, audience, `${audience}:read`);
  const like = (type: string) => signByAuth(shop.stack, user, type);

  const KINDS: readonly (readonly [string, Expected, () => string | Promise<string>])[] = [
    ["a user's token", only(...SERVICES), () => user],
    ['exchanged by inventory, for orders', only('orders'), () => exchanged('inventory', 'orders')],
    [
      'exchanged by orders, for inventory',
      only('inventory'),
      () => exchanged('orders', 'inventory'),
    ],
    ['exchanged by orders, for payments', only('payments'), () => exchanged('orders', 'payments')],
    ["a client's own, for orders", only('orders'), () => own('orders')],
    ["a client's own, for inventory", only('inventory'), () => own('inventory')],
    ["a client's own, for payments", only('payments'), () => own('payments')],
    ['a refresh token', nowhere, () => refreshToken],
    ['a revocation event', nowhere, () => like(REVOCATION_EVENT_TYPE)],
    ['the head of a snapshot', nowhere, () => like(SNAPSHOT_TYPE)],
    ['a transaction token', nowhere, () => like(TRANSACTION_TOKEN_TYPE)],
    ['an ID token', nowhere, () => like('JWT')],
  ];

  it('signs the last ones so that nothing but their type can be wrong', async () => {
    for (const service of ['orders', 'inventory', 'payments'] as const)
      expect(await statusOf(service, await signByAuth(shop.stack, user))).toBe(200);
  });

  it.each(KINDS)('%s', async (_, expected, make) => {
    const token = await make();
    const answers = await Promise.all(
      SERVICES.map(async (service) => [service, await statusOf(service, token)] as const),
    );
    expect(Object.fromEntries(answers)).toEqual(expected);
  });

  it('is what the documentation says', () => {
    const page = readFileSync(
      new URL('../../../../docs/service-calls.md', import.meta.url),
      'utf8',
    );
    const cells = (line: string) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
    const lines = page.split('\n');
    const start = lines.findIndex((line) => line.startsWith('| kind of token'));
    const table = lines.slice(start + 2, start + 2 + KINDS.length).map(cells);
    expect(cells(lines[start]!)).toEqual(['kind of token', ...SERVICES]);
    expect(table).toEqual(
      KINDS.map(([kind, expected]) => [kind, ...SERVICES.map((name) => String(expected[name]))]),
    );
  });

  const statusOf = async (service: Service, token: string) => {
    const [replica, path] = ROUTES[service];
    return (await call(shop.stack.replicas[replica].url + path, { token })).status;
  };
});
