import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import { ProductListReply, Reservation, type Product } from '@latchkey/shop-contracts';
import { startTestDatabase, TestAuthority, waitFor, type TestDatabase } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { Environment } from '../src/config.js';
import { inventoryOptions } from '../src/service-options.js';

export const SCOPES = 'inventory:read inventory:write';

/** Starts inventory for the tests of a file, and restocks the first product before each of them. */
export function useInventory() {
  let authority: TestAuthority;
  let database: TestDatabase;
  let service: RunningService;
  let dataSource: DataSource;
  let products: Product[];
  let ada: string;
  let bob: string;
  let adaByOrders: string;
  let bobByOrders: string;
  let admin: string;

  const startReplica = (env: Record<string, string> = {}) => {
    const environment = {
      ...authority.environment('inventory'),
      DATABASE_URL: database.url,
      PORT: '0',
      LOG_LEVEL: 'fatal',
      // Tests call the sweep themselves.
      EXPIRY_SWEEP_SECONDS: '86400',
      ...env,
    };
    const options = inventoryOptions(loadConfig(Environment, environment));
    return startService({ ...options, handleSignals: false });
  };
  /** A token with which orders acts for a user. */
  const byOrders = (subject: string) =>
    authority.issuer.makeToken({ subject, scope: SCOPES, claims: { act: { sub: 'orders' } } });
  const ready = ({ url }: RunningService) =>
    waitFor(async () => (await fetch(`${url}/health/ready`)).ok);

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

  beforeAll(async () => {
    authority = await TestAuthority.start('inventory');
    database = await startTestDatabase();
    service = await startReplica();
    await ready(service);
    dataSource = service.app.get(DataSource);
    ada = await authority.issuer.makeToken({ subject: 'ada', scope: SCOPES });
    bob = await authority.issuer.makeToken({ subject: 'bob', scope: SCOPES });
    adaByOrders = await byOrders('ada');
    bobByOrders = await byOrders('bob');
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

  return {
    ...{ startReplica, ready, call, reserve, reserved, available, setStock },
    get authority() {
      return authority;
    },
    get service() {
      return service;
    },
    get dataSource() {
      return dataSource;
    },
    get products() {
      return products;
    },
    get ada() {
      return ada;
    },
    get bob() {
      return bob;
    },
    get adaByOrders() {
      return adaByOrders;
    },
    get bobByOrders() {
      return bobByOrders;
    },
    get admin() {
      return admin;
    },
  };
}
