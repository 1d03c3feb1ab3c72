import { firstHop, furtherHops } from './hop.js';

describe('the hops of an order', () => {
  it('begin with the token of the user, whose audiences are names', () => {
    const claims = {
      audience: ['orders', 'http://127.0.0.1:4000'],
      scopes: ['a:b'],
      actor: undefined,
    };
    const rest = { keyId: undefined, expiresAt: undefined, bytes: 9 };
    expect(firstHop('ada', { ...claims, ...rest })).toEqual({
      ...{ from: 'ada', to: 'orders', audience: ['orders', 'auth'], scopes: ['a:b'] },
      actor: undefined,
    });
  });

  it('go on with those that the control server tells, if it does', () => {
    const hop = {
      from: 'orders',
      to: 'payments',
      audience: ['payments'],
      scopes: [],
      actor: 'orders',
    };
    expect(furtherHops({ status: 200, body: { hops: [hop] } })).toEqual([hop]);
    expect(furtherHops({ status: 503, body: { title: 'x' } })).toEqual([]);
    expect(furtherHops({ status: 0, body: undefined })).toEqual([]);
  });
});
