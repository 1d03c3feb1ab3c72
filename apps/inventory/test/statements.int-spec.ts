import { ProductListReply, Reservation } from '@latchkey/shop-contracts';
import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import { recordStatements } from '@latchkey/service-kit/suite';
import { startTestDatabase, TestAuthority, waitFor, type TestDatabase } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { Environment } from '../src/config.js';
import { inventoryOptions } from '../src/service-options.js';

/** Each statement is a round trip while the caller waits. Raise a number only with a reason. */
describe('the number of SQL statements', () => {
  let authority: TestAuthority;
  let database: TestDatabase;
  let service: RunningService;
  let token: string;
  let productIds: string[];

  beforeAll(async () => {
    authority = await TestAuthority.start('inventory');
    database = await startTestDatabase();
    const environment = {
      ...authority.environment('inventory'),
      ...{ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'fatal' },
      EXPIRY_SWEEP_SECONDS: '86400',
    };
    const options = inventoryOptions(loadConfig(Environment, environment));
    service = await startService({ ...options, handleSignals: false });
    await waitFor(async () => (await fetch(`${service.url}/health/ready`)).ok);
    token = await authority.issuer.makeToken({
      scope: 'inventory:read inventory:write',
      claims: { act: { sub: 'orders' } },
    });
    const { products } = ProductListReply.parse(await send('GET', '/products'));
    productIds = products.map(({ id }) => id);
  });
  afterAll(async () => {
    await service?.close();
    await database?.drop();
    await authority?.close();
  });

  const send = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const response = await fetch(service.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.ok).toBe(true);
    return response.json();
  };
  const get = (path: string) => recordStatements(() => send('GET', path));
  const post = (path: string, body?: object) => recordStatements(() => send('POST', path, body));
  const basket = (products: number) => ({
    orderId: randomUUID(),
    lines: productIds.slice(0, products).map((productId) => ({ productId, quantity: 1 })),
  });
  const reserve = async () => Reservation.parse(await send('POST', '/reservations', basket(2)));

  it('is one to list or read products and reservations', async () => {
    const { id } = await reserve();
    await reserve();
    expect(await get('/products?limit=2')).toHaveLength(1);
    expect(await get(`/products/${productIds[0]}`)).toHaveLength(1);
    expect(await get('/reservations?limit=1')).toHaveLength(1);
    expect(await get(`/reservations/${id}`)).toHaveLength(1);
  });

  it('grows by one with each line of a reservation', async () => {
    expect(await post('/reservations', basket(1))).toHaveLength(8);
    expect(await post('/reservations', basket(5))).toHaveLength(12);
  });

  it('is four for a repeated reservation', async () => {
    const request = basket(2);
    await send('POST', '/reservations', request);
    expect(await post('/reservations', request)).toHaveLength(4);
  });

  it('is four for a sale, and six for a release', async () => {
    const [sold, released] = [await reserve(), await reserve()];
    expect(await post(`/reservations/${sold.id}/sell`)).toHaveLength(4);
    expect(await post(`/reservations/${released.id}/release`)).toHaveLength(6);
  });
});
