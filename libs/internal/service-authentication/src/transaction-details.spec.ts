import type { Principal } from '@latchkey/verifier';
import { AccessTokenException } from '@latchkey/verifier-nestjs';
import { z } from 'zod';
import { transactionDetails } from './transaction-details.js';

const Details = z.looseObject({ order: z.uuid().toLowerCase() });
const ORDER = '01900000-0000-7000-8000-00000000000a';

const principalWith = (details?: Readonly<Record<string, unknown>>): Principal => ({
  issuer: 'https://auth.example.com',
  subject: 'ada',
  scopes: new Set(),
  expiresAt: 2_000_000_000,
  ...(details && {
    transaction: { id: 't', requestingWorkloads: ['orders'], requestContext: {}, details },
  }),
});

describe('transactionDetails', () => {
  it('returns nothing without a transaction', () => {
    expect(transactionDetails(principalWith(), Details)).toBeUndefined();
  });

  it.each([ORDER, ORDER.toUpperCase()])('returns what the transaction is about: %s', (order) => {
    expect(transactionDetails(principalWith({ order }), Details)).toEqual({ order: ORDER });
  });

  it.each([
    {},
    { order: '' },
    { order: 'x' },
    { order: [ORDER] },
    { order: null },
    { Order: ORDER },
  ])('refuses a transaction that is about something else: %j', (details) => {
    const read = () => transactionDetails(principalWith(details), Details);
    expect(read).toThrow(AccessTokenException);
    expect(read).toThrow('The request is not what the transaction is about');
  });
});
