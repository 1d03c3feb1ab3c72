import { Order, type Payment, type Reservation } from '@latchkey/shop-contracts';
import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import { recordStatements } from '@latchkey/service-kit/suite';
import {
  startTestDatabase,
  startTestTokenEndpoint,
  TestAuthority,
  waitFor,
  type TestDatabase,
  type TestTokenEndpoint,
} from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';
import { Environment } from '../src/config.js';
import { ordersOptions } from '../src/service-options.js';

const PRICE = { minorUnits: 990, currency: 'EUR' };
const LINE = { productId: '01900000-0000-7000-8000-000000000001', quantity: 1 };

/** Each statement is a round trip while the caller waits. Raise a number only with a reason. */
describe('the number of SQL statements', () => {
  let authority: TestAuthority;
  let tokens: TestTokenEndpoint;
  let database: TestDatabase;
  let shop: Server;
  let service: RunningService;
  let token: string;

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    tokens = await startTestTokenEndpoint(authority.issuer);
    database = await startTestDatabase();
    shop = createServer((request, response) => {
      const reply = request.url?.startsWith('/payments') ? payment() : reservation();
      response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
    });
    shop.listen(0, '127.0.0.1');
    await once(shop, 'listening');
    const shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    const environment = {
      ...authority.environment('orders'),
      ...{ TOKEN_URL: tokens.url, CLIENT_ID: 'orders', CLIENT_SECRET: 'a secret' },
      ...{ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'fatal' },
      ...{ INVENTORY_URL: shopUrl, PAYMENTS_URL: shopUrl },
    };
    const options = ordersOptions(loadConfig(Environment, environment));
    service = await startService({ ...options, handleSignals: false });
    await waitFor(async () => (await fetch(`${service.url}/health/ready`)).ok);
    token = await authority.issuer.makeToken({ scope: 'orders:read orders:write' });
  });
  afterAll(async () => {
    await service?.close();
    shop?.close();
    shop?.closeAllConnections();
    await database?.drop();
    await tokens?.close();
    await authority?.close();
  });

  const reservation = (): Reservation => ({
    ...{ id: randomUUID(), orderId: randomUUID(), userId: 'ada', state: 'sold' },
    lines: [{ ...LINE, unitPrice: PRICE }],
    total: PRICE,
    expiresAt: new Date().toISOString(),
  });
  const payment = (): Payment => ({
    ...{ id: randomUUID(), orderId: randomUUID(), userId: 'ada', state: 'captured' },
    amount: PRICE,
    createdAt: new Date().toISOString(),
  });
  const send = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as object) };
    const response = await fetch(service.url + path, { ...init, headers });
    expect(response.ok).toBe(true);
    return response.json();
  };
  const place = (key: string) =>
    send('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ lines: [LINE], paymentMethod: 'test-card' }),
    });

  it('is three to place an order, and two to repeat it', async () => {
    const key = randomUUID();
    expect(await recordStatements(() => place(key))).toHaveLength(3);
    expect(await recordStatements(() => place(key))).toHaveLength(2);
  });

  it('is one to settle finished orders, and three more for one that nobody finished', async () => {
    const inventory = await authority.issuer.makeToken({
      ...{ subject: 'inventory', scope: 'orders:reconcile' },
      claims: { client_id: 'inventory', sid: undefined, auth_time: undefined },
    });
    const settle = (...orders: readonly Order[]) =>
      send('/orders/settlements', {
        method: 'POST',
        headers: { authorization: `Bearer ${inventory}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          reservations: orders.map(({ id: orderId, userId }) => ({
            ...{ orderId, userId, state: 'expired' },
          })),
        }),
      });
    const orders = [Order.parse(await place(randomUUID())), Order.parse(await place(randomUUID()))];
    expect(await recordStatements(() => settle(...orders))).toHaveLength(1);
    await service.app
      .get(DataSource)
      .query(`UPDATE orders SET state = 'pending', leased_until = '-infinity' WHERE id = $1`, [
        orders[0]!.id,
      ]);
    expect(await recordStatements(() => settle(...orders))).toHaveLength(4);
  });

  it('is one to list orders, and one to read an order', async () => {
    const order = Order.parse(await place(randomUUID()));
    expect(order).toMatchObject({ state: 'paid', total: PRICE });
    expect(await recordStatements(() => send('/orders'))).toHaveLength(1);
    expect(await recordStatements(() => send(`/orders?after=${order.id}`))).toHaveLength(1);
    expect(await recordStatements(() => send(`/orders/${order.id}`))).toHaveLength(1);
  });
});
