import type { Problem } from '@latchkey/contracts';
import {
  ProductListReply,
  Reservation,
  ReservationListReply,
  type Product,
} from '@latchkey/shop-contracts';
import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import {
  planOf,
  startTestDatabase,
  TestAuthority,
  waitFor,
  type TestDatabase,
} from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Environment } from '../src/config.js';
import {
  ExpiredReservations,
  OLDEST_EXPIRED,
} from '../src/expire-reservations/expired-reservations.js';
import { inventoryOptions } from '../src/service-options.js';

const SCOPES = 'inventory:read inventory:write';

describe('inventory', () => {
  let authority: TestAuthority;
  let database: TestDatabase;
  let service: RunningService;
  let dataSource: DataSource;
  let products: Product[];
  let ada: string;
  let bob: string;
  let admin: string;

  const startReplica = () => {
    const environment = {
      ...authority.environment('inventory'),
      DATABASE_URL: database.url,
      PORT: '0',
      LOG_LEVEL: 'fatal',
      // Tests call the sweep themselves.
      EXPIRY_SWEEP_SECONDS: '86400',
    };
    const options = inventoryOptions(loadConfig(Environment, environment));
    return startService({ ...options, handleSignals: false });
  };
  const ready = ({ url }: RunningService) =>
    waitFor(async () => (await fetch(`${url}/health/ready`)).ok, { timeoutMs: 10_000 });

  const call = async (
    method: 'GET' | 'POST',
    path: string,
    token: string,
    body?: unknown,
    replica = service,
  ) => {
    const response = await fetch(replica.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const reserve = (
    token: string,
    quantity: number,
    { product = products[0]!, orderId = String(randomUUID()), replica = service } = {},
  ) => {
    const lines = [{ productId: product.id, quantity }];
    return call('POST', '/reservations', token, { orderId, lines }, replica);
  };
  const reserved = async (...parameters: Parameters<typeof reserve>) => {
    const { status, body } = await reserve(...parameters);
    expect(status).toBe(201);
    return Reservation.parse(body);
  };
  const available = async ({ id } = products[0]!): Promise<number> => {
    const [row] = await dataSource.query<[{ available: number }]>(
      'SELECT available FROM products WHERE id = $1',
      [id],
    );
    return row.available;
  };
  const setStock = (stock: number, { id } = products[0]!) =>
    dataSource.query('UPDATE products SET available = $2 WHERE id = $1', [id, stock]);
  const makeLate = (reservation: Reservation) =>
    dataSource.query(
      "UPDATE reservations SET expires_at = now() - interval '1 second' WHERE id = $1",
      [reservation.id],
    );

  beforeAll(async () => {
    authority = await TestAuthority.start('inventory');
    database = await startTestDatabase();
    service = await startReplica();
    await ready(service);
    dataSource = service.app.get(DataSource);
    ada = await authority.issuer.makeToken({ subject: 'ada', scope: SCOPES });
    bob = await authority.issuer.makeToken({ subject: 'bob', scope: SCOPES });
    admin = await authority.issuer.makeToken({
      subject: 'root',
      scope: `${SCOPES} inventory:admin`,
    });
    const { body } = await call('GET', '/products', ada);
    ({ products } = ProductListReply.parse(body));
  });
  afterAll(async () => {
    await service?.close();
    await database?.drop();
    await authority?.close();
  });
  beforeEach(() => setStock(1_000));

  describe('products', () => {
    it('are listed page by page, each once', async () => {
      expect(products).toHaveLength(12);
      const seen: string[] = [];
      let next: string | undefined;
      do {
        const { body } = await call('GET', `/products?limit=5${next ? `&after=${next}` : ''}`, ada);
        const page = ProductListReply.parse(body);
        seen.push(...page.products.map(({ id }) => id));
        ({ next } = page);
      } while (next);
      expect(seen).toEqual(products.map(({ id }) => id));
    });

    it('can be read one by one, with any spelling of the id', async () => {
      const { id } = products[1]!;
      expect((await call('GET', `/products/${id.toUpperCase()}`, ada)).body).toEqual(products[1]);
      const unknown = await call('GET', `/products/${randomUUID()}`, ada);
      expect(unknown).toMatchObject({ status: 404, body: { code: 'product_not_found' } });
    });
  });

  describe('a reservation', () => {
    it('takes the stock and fixes the price', async () => {
      const reservation = await reserved(ada, 3);
      expect(reservation).toMatchObject({ state: 'held', userId: 'ada' });
      expect(reservation.total.minorUnits).toBe(3 * products[0]!.price.minorUnits);
      expect(await available()).toBe(997);
    });

    it('is the same when it is requested again, on any replica and concurrently', async () => {
      const other = await startReplica();
      await ready(other);
      const orderId = randomUUID();
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          reserve(ada, 2, { orderId, replica: index % 2 ? service : other }),
        ),
      );
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(replies.map(({ body }) => Reservation.parse(body).id)).size).toBe(1);
      expect(await available()).toBe(998);
      await other.close();
    });

    it('is refused if the same order requests other products', async () => {
      const { orderId } = await reserved(ada, 1);
      const { status, body } = await reserve(ada, 2, { orderId });
      expect({ status, body }).toMatchObject({ status: 409, body: { code: 'order_id_reused' } });
      expect(await available()).toBe(999);
    });

    it('is separate from one with the same order id of another user', async () => {
      const { orderId, id } = await reserved(ada, 1);
      expect((await reserved(bob, 1, { orderId })).id).not.toBe(id);
    });

    it('takes all lines or none', async () => {
      await setStock(0, products[1]);
      const lines = [
        { productId: products[0]!.id, quantity: 1 },
        { productId: products[1]!.id, quantity: 1 },
      ];
      const body = { orderId: randomUUID(), lines };
      const refused = await call('POST', '/reservations', ada, body);
      expect(refused).toMatchObject({
        status: 409,
        body: { code: 'out_of_stock', errors: [{ field: '/lines/1/quantity' }] },
      });
      expect((refused.body as Problem).detail).toContain(products[1]!.name);
      expect(await available()).toBe(1_000);
      await setStock(5_000, products[1]);
      expect((await call('POST', '/reservations', ada, body)).status).toBe(201);
    });

    it('names a product that does not exist', async () => {
      const product = { ...products[0]!, id: randomUUID() };
      const { status, body } = await reserve(ada, 1, { product });
      expect({ status, body }).toMatchObject({
        status: 422,
        body: { code: 'unknown_product', errors: [{ field: '/lines/0/productId' }] },
      });
    });

    it('is refused and takes no stock if its total is too large for an exact number', async () => {
      const { id } = products[0]!;
      const priced = (minorUnits: number | bigint) =>
        dataSource.query('UPDATE products SET price_minor_units = $2 WHERE id = $1', [
          id,
          minorUnits,
        ]);
      await priced(Number.MAX_SAFE_INTEGER);
      try {
        expect((await reserved(ada, 1)).total.minorUnits).toBe(Number.MAX_SAFE_INTEGER);
        expect(await reserve(ada, 2)).toMatchObject({
          status: 422,
          body: { code: 'total_too_large' },
        });
        expect(await available()).toBe(999);
      } finally {
        await priced(products[0]!.price.minorUnits);
      }
    });
  });

  describe('when many want the last units', () => {
    it('sells each unit once', async () => {
      await setStock(5);
      const replies = await Promise.all(Array.from({ length: 50 }, () => reserve(ada, 1)));
      const statuses = replies.map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(5);
      expect(statuses.filter((status) => status === 409)).toHaveLength(45);
      expect(await available()).toBe(0);
    });

    it('never deadlocks two baskets with the same products in a different order', async () => {
      const [first, second] = products.slice(2, 4);
      const basket = (...items: Product[]) =>
        call('POST', '/reservations', ada, {
          orderId: randomUUID(),
          lines: items.map(({ id }) => ({ productId: id, quantity: 1 })),
        });
      const replies = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          index % 2 ? basket(first!, second!) : basket(second!, first!),
        ),
      );
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    });
  });

  describe('finishing a reservation', () => {
    const finish = (how: 'sell' | 'release', { id }: Reservation, token = ada) =>
      call('POST', `/reservations/${id}/${how}`, token);

    it('returns released stock once, however often the release is repeated', async () => {
      const reservation = await reserved(ada, 4);
      const replies = await Promise.all(
        Array.from({ length: 10 }, () => finish('release', reservation)),
      );
      for (const reply of replies)
        expect(reply).toMatchObject({ status: 200, body: { state: 'released' } });
      expect(await available()).toBe(1_000);
    });

    it('keeps sold stock sold', async () => {
      const reservation = await reserved(ada, 4);
      expect((await finish('sell', reservation)).status).toBe(200);
      expect(await finish('sell', reservation)).toMatchObject({ body: { state: 'sold' } });
      expect(await finish('release', reservation)).toMatchObject({
        status: 409,
        body: { code: 'reservation_sold' },
      });
      expect(await available()).toBe(996);
    });

    it('lets either the sale or the release win, never both', async () => {
      const reservations = await Promise.all(Array.from({ length: 10 }, () => reserved(ada, 1)));
      const outcomes = await Promise.all(
        reservations.map(async (reservation) => {
          const both = [finish('sell', reservation), finish('release', reservation)];
          return (await Promise.all(both)).map(({ status }) => status).sort();
        }),
      );
      for (const statuses of outcomes) expect(statuses).toEqual([200, 409]);
      const { body } = await call('GET', '/reservations?limit=10', ada);
      const states = ReservationListReply.parse(body).reservations.map(({ state }) => state);
      const sold = states.filter((state) => state === 'sold').length;
      expect(await available()).toBe(1_000 - sold);
    });

    it('reserves the stock again at the old price when the order requests it again', async () => {
      const reservation = await reserved(ada, 2);
      await finish('release', reservation);
      await dataSource.query('UPDATE products SET price_minor_units = 1 WHERE id = $1', [
        products[0]!.id,
      ]);
      const again = await reserved(ada, 2, { orderId: reservation.orderId });
      await dataSource.query('UPDATE products SET price_minor_units = $2 WHERE id = $1', [
        products[0]!.id,
        products[0]!.price.minorUnits,
      ]);
      expect(again).toMatchObject({ id: reservation.id, state: 'held', total: reservation.total });
      expect(await available()).toBe(998);
    });

    it('is open to the owner and to an admin; for others the reservation does not exist', async () => {
      const reservation = await reserved(ada, 1);
      for (const how of ['sell', 'release'] as const) {
        expect((await finish(how, reservation, bob)).status).toBe(404);
      }
      expect((await finish('release', reservation, admin)).status).toBe(200);
    });
  });

  describe('a reservation that is not finished', () => {
    it('expires on one of the replicas, once', async () => {
      const other = await startReplica();
      await ready(other);
      const reservations = await Promise.all(Array.from({ length: 10 }, () => reserved(ada, 1)));
      await Promise.all(reservations.map(makeLate));
      const counts = await Promise.all(
        [service, other].map(({ app }) => app.get(ExpiredReservations).sweep()),
      );
      expect(counts[0]! + counts[1]!).toBe(10);
      expect(await available()).toBe(1_000);
      await other.close();
    });

    it('stays if it is sold or not yet overdue', async () => {
      const sold = await reserved(ada, 1);
      await call('POST', `/reservations/${sold.id}/sell`, ada);
      await makeLate(sold);
      await reserved(ada, 1);
      await service.app.get(ExpiredReservations).sweep();
      expect(await available()).toBe(998);
    });

    it('can be sold until it was swept, and not after', async () => {
      const [first, second] = [await reserved(ada, 1), await reserved(ada, 1)];
      await makeLate(first);
      expect((await call('POST', `/reservations/${first.id}/sell`, ada)).status).toBe(200);
      await makeLate(second);
      await service.app.get(ExpiredReservations).sweep();
      const late = await call('POST', `/reservations/${second.id}/sell`, ada);
      expect(late).toMatchObject({ status: 409, body: { code: 'reservation_expired' } });
    });

    it('does not block others if its stock cannot be returned', async () => {
      const [first, second] = [
        await reserved(ada, 1),
        await reserved(ada, 1, { product: products[1]! }),
      ];
      await makeLate(first);
      await makeLate(second);
      await setStock(2_147_483_647); // One more would overflow the column.
      expect(await service.app.get(ExpiredReservations).sweep()).toBe(1);
      await setStock(1_000);
      expect(await service.app.get(ExpiredReservations).sweep()).toBe(1);
      expect(await available()).toBe(1_001);
    });

    it('is found by an index among many that are not overdue', async () => {
      await dataSource.query(
        `INSERT INTO reservations (user_id, order_id, state, total_minor_units, currency, expires_at)
         SELECT 'eve', gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'held' ELSE 'sold' END, 0, 'EUR',
                now() + interval '1 hour' FROM generate_series(1, 20000) AS n`,
      );
      await dataSource.query('ANALYZE reservations');
      const query = (sql: string, parameters?: unknown[]) => dataSource.query(sql, parameters);
      const plan = await planOf(query, OLDEST_EXPIRED, [[]]);
      expect(plan.indexes).toEqual(['reservations_to_expire']);
      // The condition is part of the index scan, so reservations that are not overdue are not read.
      expect(plan.conditions.join()).toContain('expires_at < statement_timestamp()');
      await dataSource.query(`DELETE FROM reservations WHERE user_id = 'eve'`);
    });

    it('is swept in the background', async () => {
      const environment = {
        ...authority.environment('inventory'),
        ...{ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'fatal' },
        EXPIRY_SWEEP_SECONDS: '0.05',
      };
      const options = inventoryOptions(loadConfig(Environment, environment));
      const sweeper = await startService({ ...options, handleSignals: false });
      await makeLate(await reserved(ada, 7));
      await waitFor(async () => (await available()) === 1_000, { timeoutMs: 10_000 });
      await sweeper.close();
    });
  });

  describe('access to rows', () => {
    it('shows only the caller’s own reservations, newest first, in pages', async () => {
      const eve = await authority.issuer.makeToken({ subject: randomUUID(), scope: SCOPES });
      const first = await reserved(eve, 1);
      const second = await reserved(eve, 1);
      await reserved(ada, 1);
      const page = async (query: string) =>
        ReservationListReply.parse((await call('GET', `/reservations?${query}`, eve)).body);
      expect((await page('')).reservations.map(({ id }) => id)).toEqual([second.id, first.id]);
      const { next } = await page('limit=1');
      expect((await page(`limit=1&after=${next}`)).reservations).toEqual([first]);
      expect((await call('GET', `/reservations/${first.id}`, ada)).status).toBe(404);
      expect((await call('GET', `/reservations/${first.id}`, admin)).body).toEqual(first);
    });

    it('shows every user’s reservations to an admin only', async () => {
      const reservation = await reserved(bob, 1);
      const { body } = await call('GET', '/reservations?all=true', admin);
      expect(ReservationListReply.parse(body).reservations[0]).toEqual(reservation);
      expect((await call('GET', '/reservations?all=true', ada)).status).toBe(403);
    });

    it('requires the scope of each route', async () => {
      const reader = await authority.issuer.makeToken({ scope: 'inventory:read' });
      expect((await reserve(reader, 1)).status).toBe(403);
      const writer = await authority.issuer.makeToken({ scope: 'inventory:write' });
      expect((await call('GET', '/products', writer)).status).toBe(403);
    });

    it('refuses a token for another service, and a token of a session that has ended', async () => {
      const foreign = await authority.issuer.makeToken({ scope: SCOPES, audience: 'payments' });
      expect((await call('GET', '/products', foreign)).status).toBe(401);
      const sessionId = randomUUID();
      const token = await authority.issuer.makeToken({ scope: SCOPES, sessionId });
      expect((await call('GET', '/products', token)).status).toBe(200);
      await authority.revokeSession(sessionId);
      await waitFor(async () => (await call('GET', '/products', token)).status === 401);
    });
  });

  describe('bad input', () => {
    const line = () => ({ productId: products[0]!.id, quantity: 1 });
    const cases: [string, () => unknown, string][] = [
      ['no lines', () => ({ orderId: randomUUID(), lines: [] }), '/lines'],
      ['a product twice', () => ({ orderId: randomUUID(), lines: [line(), line()] }), '/lines'],
      [
        'a product twice in two spellings',
        () => ({
          orderId: randomUUID(),
          lines: [line(), { ...line(), productId: products[0]!.id.toUpperCase() }],
        }),
        '/lines',
      ],
      [
        'half a unit',
        () => ({ orderId: randomUUID(), lines: [{ ...line(), quantity: 0.5 }] }),
        '/lines/0/quantity',
      ],
      [
        'a negative quantity',
        () => ({ orderId: randomUUID(), lines: [{ ...line(), quantity: -1 }] }),
        '/lines/0/quantity',
      ],
      ['another price', () => ({ orderId: randomUUID(), lines: [line()], total: 1 }), '/total'],
      ['an invalid id', () => ({ orderId: 'x', lines: [line()] }), '/orderId'],
    ];
    it.each(cases)('is reported by field: %s', async (_, body, field) => {
      const refused = await call('POST', '/reservations', ada, body());
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ in: 'body', field }] } });
      expect(await available()).toBe(1_000);
    });

    it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'after=x', 'page=2'])(
      'is reported by parameter: %s',
      async (query) => {
        const refused = await call('GET', `/products?${query}`, ada);
        const field = query.split('=')[0];
        expect(refused).toMatchObject({ status: 400, body: { errors: [{ in: 'query', field }] } });
      },
    );

    it('is reported by path parameter', async () => {
      for (const path of ['/products/1', '/reservations/1']) {
        expect(await call('GET', path, ada)).toMatchObject({
          status: 400,
          body: { errors: [{ in: 'path', field: 'id' }] },
        });
      }
    });
  });

  it('exposes metrics about verifications and the deny-list', async () => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/latchkey_verifications_total\{outcome="accepted"\} \d+/);
    expect(metrics).toMatch(/latchkey_deny_list_entries \d+/);
    expect(metrics).toMatch(/latchkey_staleness_seconds(\{.*\})? \d/);
    expect(metrics).toMatch(/latchkey_deny_list_bytes \d+/);
    expect(metrics).toMatch(/latchkey_key_set_age_seconds \d/);
    expect(metrics).toMatch(/latchkey_signature_cache_tokens [1-9]/);
    expect(metrics).toMatch(/latchkey_signature_cache_hits_total [1-9]/);
    expect(metrics).toMatch(/latchkey_signature_cache_misses_total [1-9]/);
    expect(metrics).toMatch(/latchkey_key_set_fetches_total\{ok="true"\} [1-9]/);
  });

  it('reports which keys it trusts, how old they are, and refused tokens by code', async () => {
    await call('GET', '/products', 'nonsense');
    const response = await fetch(`${service.url}/health/ready`);
    const { checks } = (await response.json()) as { checks: Record<string, { report: unknown }> };
    expect(checks['verifier']?.report).toMatchObject({
      issuers: [{ keyIds: [expect.any(String)], ageSeconds: expect.any(Number) }],
      tokens: { accepted: expect.any(Number), refused: { malformed: expect.any(Number) } },
      signatureCache: { hits: expect.any(Number) },
    });
  });

  it('documents its inputs and replies', async () => {
    const response = await fetch(`${service.url}/docs-json`);
    const document = JSON.stringify(await response.json());
    for (const word of ['orderId', 'unitPrice', 'available', 'Hold stock for an order']) {
      expect(document).toContain(word);
    }
  });
});
