import { PayRequest, PlaceOrderRequest } from './index.js';

const accepts = (schema: { safeParse(input: unknown): { success: boolean } }, input: unknown) =>
  schema.safeParse(input).success;

describe('requests to the shop', () => {
  const productId = '0197a2b0-0000-4000-8000-000000000000';
  const line = { productId, quantity: 1 };

  it.each([
    ['no lines', []],
    ['a product twice', [line, line]],
    ['a fraction', [{ ...line, quantity: 0.5 }]],
    ['less than one', [{ ...line, quantity: 0 }]],
    ['a price chosen by the caller', [{ ...line, unitPrice: 1 }]],
  ])('cannot order %s', (_, lines) => {
    expect(accepts(PlaceOrderRequest, { lines, paymentMethod: 'test-card' })).toBe(false);
  });

  it.each([-1, 0.1, Number.MAX_SAFE_INTEGER + 1, '1'])('cannot pay %j', (minorUnits) => {
    const pay = {
      orderId: productId,
      amount: { minorUnits, currency: 'EUR' },
      method: 'test-card',
    };
    expect(accepts(PayRequest, pay)).toBe(false);
    pay.amount.minorUnits = 1;
    expect(accepts(PayRequest, pay)).toBe(true);
  });
});
