import fc from 'fast-check';
import { TransactionContextParameter } from './auth-api/index.js';
import { TransactionContext } from './transaction-context.js';
import { TransactionTokenClaims } from './transaction-token.js';

const claims = (more: object = {}) => ({
  iss: 'https://issuer.test',
  aud: 'shop.test',
  iat: 1_800_000_000,
  exp: 1_800_000_060,
  txn: '97053963-771d-49cc-a4e3-20aad399c312',
  jti: '0197a2b0-0000-7000-8000-000000000000',
  sub: 'ada',
  scope: 'orders:write',
  req_wl: 'gateway',
  ...more,
});

const nested = (depth: number): unknown => (depth === 1 ? {} : { a: nested(depth - 1) });

describe('TransactionTokenClaims', () => {
  it.each([
    {},
    { sid: 's1', rctx: { req_ip: '192.0.2.7' }, tctx: { customer: { geo: 'US' } } },
    { rctx: {}, tctx: {} },
    { req_wl: 'gateway,orders' },
  ])('accepts %j', (more) => {
    expect(TransactionTokenClaims.parse(claims(more))).toEqual(claims(more));
  });

  it.each([
    { aud: ['shop.test'] },
    { aud: '' },
    { txn: 'one' },
    { txn: undefined },
    { jti: undefined },
    { scope: '' },
    { scope: undefined },
    { req_wl: ['gateway'] },
    { req_wl: '' },
    { exp: Infinity },
    { iat: 0.5 },
    { sid: '' },
    { rctx: [] },
    { tctx: null },
    { client_id: 'web' },
    { act: { sub: 'orders' } },
  ])('refuses %j', (more) => {
    expect(TransactionTokenClaims.safeParse(claims(more)).success).toBe(false);
  });
});

describe('TransactionContext', () => {
  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['every type of JSON', { a: 'x', b: -1.5e3, c: true, d: null, e: [1, 'y', { f: [] }] }],
    ['names in other scripts', { 'Straße 日本 🔑': 'Ünïcödé' }],
    ['the largest integers', { a: 2 ** 53 - 1, b: 1 - 2 ** 53 }],
    ['four levels', nested(4)],
    ['2 KiB', { a: 'x'.repeat(2048 - 8) }],
    ['names of inherited methods', { toString: 1, hasOwnProperty: 2 }],
  ])('accepts %s', (_, context) => {
    expect(TransactionContext.parse(context)).toEqual(context);
    expect(TransactionContextParameter.parse(JSON.stringify(context))).toEqual(context);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['a blank', ' '],
    ['null', 'null'],
    ['a string', '"x"'],
    ['a number', '1'],
    ['an array', '[{}]'],
    ['half an object', '{"a":1'],
    ['two objects', '{}{}'],
    ['single quotes', "{'a':1}"],
    ['five levels', JSON.stringify(nested(5))],
    ['five levels of arrays', '{"a":[[[[]]]]}'],
    ['thousands of levels', '{"a":'.repeat(2000) + '1' + '}'.repeat(2000)],
    ['more than 2 KiB', JSON.stringify({ a: 'x'.repeat(2048 - 7) })],
    ['more than 2 KiB in few characters', JSON.stringify({ a: '🔑'.repeat(600) })],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__ with an escape', '{"\\u005f_proto__":1}'],
    ['__proto__ further down', '{"a":[{"__proto__":1}]}'],
    ['constructor', '{"constructor":{"prototype":{}}}'],
    ['prototype', '{"a":{"prototype":{}}}'],
    ['an infinite number', '{"a":1e400}'],
    ['an integer that becomes another one', '{"total":9007199254740993}'],
    ['a negative one', '{"a":[-12345678901234567890]}'],
    ['one with an exponent', '{"a":1e16}'],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['half a surrogate pair as a name', '{"\\udc00":1}'],
  ])('refuses %s', (_, text) => {
    expect(TransactionContextParameter.safeParse(text).success).toBe(false);
  });

  it.each<[string, unknown]>([
    ['a function', { a: () => 1 }],
    ['a bigint', { a: 1n }],
    ['undefined', { a: undefined }],
    ['a symbol', { a: Symbol('a') }],
    ['a date', { a: new Date(0) }],
    ['a map', { a: new Map() }],
  ])('refuses what JSON cannot express: %s', (_, context) => {
    expect(TransactionContext.safeParse(context).success).toBe(false);
  });

  it('reads back what it accepts, whatever it is', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 5, withBigInt: true, withDate: true }), (value) => {
        const parsed = TransactionContext.safeParse(value);
        if (!parsed.success) return;
        const text = JSON.stringify(parsed.data);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
        expect(JSON.stringify(TransactionContextParameter.parse(text))).toBe(text);
      }),
    );
  });

  it('judges any text without an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        expect(typeof TransactionContextParameter.safeParse(text).success).toBe('boolean');
      }),
    );
  });
});
