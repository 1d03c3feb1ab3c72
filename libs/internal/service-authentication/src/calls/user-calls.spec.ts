import type { Principal } from '@latchkey/verifier';
import { CallTokens } from '../call-tokens.js';
import { UserCalls } from './user-calls.js';

const principal = (subject: string): Principal => ({
  issuer: 'https://auth.example.com',
  subject,
  scopes: new Set(),
  expiresAt: 2_000_000_000,
});
const USER = principal('ada');
const TRANSACTION = principal('the transaction');
const SCOPES = ['inventory:write', 'payments:write'];

describe('UserCalls', () => {
  const begun: unknown[] = [];
  const calls = (callTokens: CallTokens, headers: Record<string, string> = {}) =>
    new UserCalls(
      callTokens,
      {
        beginTransaction: (...parameters) => {
          begun.push(parameters);
          return Promise.resolve(TRANSACTION);
        },
      },
      SCOPES,
      () => headers,
    );
  beforeEach(() => {
    begun.length = 0;
  });

  it('has one of the two kinds of tokens', () => {
    expect(CallTokens.options).toEqual(['exchange', 'transaction']);
  });

  it('calls for the user if tokens are exchanged', async () => {
    expect(await calls('exchange').begin(USER, { order: '1' })).toBe(USER);
    expect(begun).toEqual([]);
  });

  it('begins a transaction with the scopes of all calls, the details and the request', async () => {
    const headers = { 'x-request-id': 'r1', traceparent: 'not in it' };
    const begin = calls('transaction', headers).begin(USER, { order: '1' });
    expect(await begin).toBe(TRANSACTION);
    const options = {
      scopes: SCOPES,
      details: { order: '1' },
      requestContext: { request_id: 'r1' },
    };
    expect(begun).toEqual([[USER, options]]);
  });

  it('begins one without details, and outside of a request', async () => {
    await calls('transaction').begin(USER, undefined);
    expect(begun).toEqual([[USER, { scopes: SCOPES, requestContext: {} }]]);
  });
});
