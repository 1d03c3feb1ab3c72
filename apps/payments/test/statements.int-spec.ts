import { Payment } from '@latchkey/shop-contracts';
import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import { recordStatements } from '@latchkey/service-kit/suite';
import { startTestDatabase, TestAuthority, waitFor, type TestDatabase } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { Environment } from '../src/config.js';
import { paymentsOptions } from '../src/service-options.js';

/** Each statement is a round trip while the caller waits. Raise a number only with a reason. */
describe('the number of SQL statements', () => {
  let authority: TestAuthority;
  let database: TestDatabase;
  let service: RunningService;
  let token: string;

  beforeAll(async () => {
    authority = await TestAuthority.start('payments');
    database = await startTestDatabase();
    const environment = {
      ...authority.environment('payments'),
      ...{ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'fatal' },
    };
    const options = paymentsOptions(loadConfig(Environment, environment));
    service = await startService({ ...options, handleSignals: false });
    await waitFor(async () => (await fetch(`${service.url}/health/ready`)).ok);
    token = await authority.issuer.makeToken({
      scope: 'payments:read payments:write payments:admin',
      claims: { act: { sub: 'orders' } },
    });
  });
  afterAll(async () => {
    await service?.close();
    await database?.drop();
    await authority?.close();
  });

  const send = async (path: string, body?: object) => {
    const response = await fetch(service.url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.ok).toBe(true);
    return response.json();
  };
  const charge = () => ({
    orderId: randomUUID(),
    amount: { minorUnits: 990, currency: 'EUR' },
    method: 'test-card',
  });

  it('is one for a payment, and two for a repeated one', async () => {
    const request = charge();
    expect(await recordStatements(() => send('/payments', request))).toHaveLength(1);
    expect(await recordStatements(() => send('/payments', request))).toHaveLength(2);
  });

  it('is one to list payments, and one to read a payment', async () => {
    const { id } = Payment.parse(await send('/payments', charge()));
    expect(await recordStatements(() => send('/payments'))).toHaveLength(1);
    expect(await recordStatements(() => send(`/payments?after=${id}`))).toHaveLength(1);
    expect(await recordStatements(() => send(`/payments/${id}`))).toHaveLength(1);
  });

  it('is two for a refund, and four to cancel a captured payment', async () => {
    const { id } = Payment.parse(await send('/payments', charge()));
    expect(await recordStatements(() => send(`/payments/${id}/refund`, {}))).toHaveLength(2);
    const { orderId, amount, method } = charge();
    await send('/payments', { orderId, amount, method });
    const cancel = () => send('/payments/cancel', { orderId, amount });
    expect(await recordStatements(cancel)).toHaveLength(4);
  });
});
