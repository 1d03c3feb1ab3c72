import { REVOCATION_EVENT_TYPE, SNAPSHOT_TYPE, TRANSACTION_TOKEN_TYPE } from '@latchkey/contracts';
import { call, type CallTokens } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { decodeJwt } from 'jose';
import { readFileSync } from 'node:fs';
import { EDGE, READER_SECRET, ROBOT } from '../../src/shared-stack.js';
import { signByAuth } from './auths-own-key.js';
import { GatedShop } from './gated-shop.js';
import { Shop } from './shop-fixture.js';

const SERVICES = ['auth', 'orders', 'inventory', 'payments'] as const;
type Service = (typeof SERVICES)[number];
type Status = 200 | 401 | 403;
type Expected = Readonly<Record<Service, Status>>;
/** What a caller sends: a token in `Authorization`, and perhaps one in `Txn-Token`. */
type Sent = readonly [token: string | undefined, transaction?: string];

/** A route of each service for which any token for that service is enough. */
const ROUTES: Readonly<Record<Service, string>> = {
  auth: '/sessions',
  orders: '/orders',
  inventory: '/products',
  payments: '/payments',
};

/** @param others the status at the services that are not named */
const at = (named: Partial<Expected>, others: Status = 401): Expected => ({
  ...{ auth: others, orders: others, inventory: others, payments: others },
  ...named,
});
const only = (...services: readonly Service[]): Expected =>
  at(Object.fromEntries(services.map((name) => [name, 200])));
const nowhere = only();
/** The first kinds of the table. */
const ACCESS_TOKENS = 7;

/** Cells of the table in the documentation that begins with a word of its own. */
function documentedTable(firstHeading: string, rows: number): string[][] {
  const page = new URL('../../../../docs/service-calls.md', import.meta.url);
  const lines = readFileSync(page, 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${firstHeading}`));
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  return [lines[start]!, ...lines.slice(start + 2, start + 2 + rows)].map(cells);
}

/** Every kind of token at every service. docs/service-calls.md has the same tables. */
describe.each<CallTokens>(['exchange', 'transaction'])('with CALL_TOKENS=%s', (callTokens) => {
  let shop: Shop;
  let gated: GatedShop;
  let user: string;
  let refreshToken: string;

  beforeAll(async () => {
    shop = await Shop.open();
    gated = await GatedShop.start(shop.stack, callTokens);
    const ada = await TestUser.register(shop.stack.issuer);
    ({ access_token: user, refresh_token: refreshToken } = await ada.logIn());
  });
  afterAll(() => gated?.close());

  const reader = (name: 'orders' | 'inventory') => ({ name, secret: READER_SECRET });
  const exchanged = (client: 'orders' | 'inventory', audience: Service) =>
    shop.exchange(reader(client), user, audience, `${audience}:read`);
  const own = (audience: Service) =>
    shop.ownToken({ name: ROBOT.id, secret: ROBOT.secret }, audience, `${audience}:read`);
  const like = (type: string) => signByAuth(shop.stack, user, type);
  /** A transaction token that allows to read at every service. */
  const transaction = () =>
    shop.transaction(EDGE, user, 'orders:read inventory:read payments:read');
  /** The status of a transaction token where the token of its caller is good. */
  const accepted = callTokens === 'transaction' ? 200 : 403;

  /** What is sent, where it is accepted, and how it is made. */
  const KINDS: readonly (readonly [string, Expected, () => Sent | Promise<Sent>])[] = [
    ["a user's token", only(...SERVICES), () => [user]],
    [
      'exchanged by inventory, for orders',
      only('orders'),
      async () => [await exchanged('inventory', 'orders')],
    ],
    [
      'exchanged by orders, for inventory',
      only('inventory'),
      async () => [await exchanged('orders', 'inventory')],
    ],
    [
      'exchanged by orders, for payments',
      only('payments'),
      async () => [await exchanged('orders', 'payments')],
    ],
    ["a client's own, for orders", only('orders'), async () => [await own('orders')]],
    ["a client's own, for inventory", only('inventory'), async () => [await own('inventory')]],
    ["a client's own, for payments", only('payments'), async () => [await own('payments')]],
    [
      "`Txn-Token`, with a client's own, for orders",
      at({ orders: accepted }),
      async () => [await own('orders'), await transaction()],
    ],
    [
      "`Txn-Token`, with a client's own, for inventory",
      at({ inventory: accepted }),
      async () => [await own('inventory'), await transaction()],
    ],
    [
      "`Txn-Token`, with a client's own, for payments",
      at({ payments: accepted }),
      async () => [await own('payments'), await transaction()],
    ],
    [
      "`Txn-Token`, with a user's token",
      // Auth takes no part in transactions: to auth, this is the user.
      at({ auth: 200 }, 403),
      async () => [user, await transaction()],
    ],
    [
      '`Txn-Token`, with one exchanged by orders, for inventory',
      at({ inventory: 403 }),
      async () => [await exchanged('orders', 'inventory'), await transaction()],
    ],
    ['`Txn-Token` alone', nowhere, async () => [undefined, await transaction()]],
    [
      'a transaction token in both headers',
      nowhere,
      async () => {
        const token = await transaction();
        return [token, token];
      },
    ],
    ['a refresh token', nowhere, () => [refreshToken]],
    ['a revocation event', nowhere, async () => [await like(REVOCATION_EVENT_TYPE)]],
    ['the head of a snapshot', nowhere, async () => [await like(SNAPSHOT_TYPE)]],
    ['a transaction token', nowhere, async () => [await like(TRANSACTION_TOKEN_TYPE)]],
    ['an ID token', nowhere, async () => [await like('JWT')]],
  ];

  it('signs the last ones so that nothing but their type can be wrong', async () => {
    for (const service of ['orders', 'inventory', 'payments'] as const)
      expect(await statusOf(service, [await signByAuth(shop.stack, user)])).toBe(200);
  });

  it.each(KINDS)('%s', async (_, expected, make) => {
    const sent = await make();
    const answers = await Promise.all(
      SERVICES.map(async (service) => [service, await statusOf(service, sent)] as const),
    );
    expect(Object.fromEntries(answers)).toEqual(expected);
  });

  /** So that no service depends on another check to refuse what is not meant for it. */
  it.each(KINDS.slice(0, ACCESS_TOKENS))(
    '%s names these services in aud',
    async (_, expected, make) => {
      const [token = ''] = await make();
      const audience = [decodeJwt(token).aud].flat();
      const isNamed = (name: Service) =>
        audience.includes(name === 'auth' ? shop.stack.issuer : name);
      expect(SERVICES.filter(isNamed)).toEqual(SERVICES.filter((name) => expected[name] === 200));
    },
  );

  it('is what the documentation says', () => {
    const heading = `sent with \`CALL_TOKENS=${callTokens}\``;
    expect(documentedTable(heading, KINDS.length)).toEqual([
      [heading, ...SERVICES],
      ...KINDS.map(([kind, expected]) => [kind, ...SERVICES.map((name) => String(expected[name]))]),
    ]);
  });

  const statusOf = async (service: Service, [token, transactionToken]: Sent) => {
    const { url } = service === 'auth' ? shop.stack.replicas.auth : gated[service];
    const headers = transactionToken === undefined ? {} : { 'txn-token': transactionToken };
    return (await call(url + ROUTES[service], { token, headers })).status;
  };
});
