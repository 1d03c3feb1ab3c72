import { exchangePolicy, unitedPolicy } from './client-policy.js';

const policy = (scopes: string[], exchange: Parameters<typeof exchangePolicy>[0]) => ({
  scopes: new Set(scopes),
  exchange: exchangePolicy(exchange),
});

describe('unitedPolicy', () => {
  it('is the union of scopes and of services', () => {
    const united = unitedPolicy([
      policy(['orders:read'], { inventory: ['inventory:read'] }),
      policy(['orders:write'], { inventory: ['inventory:write'], payments: ['payments:charge'] }),
    ]);
    expect(united).toEqual({
      scopes: new Set(['orders:read', 'orders:write']),
      exchange: new Map([
        ['inventory', new Set(['inventory:read', 'inventory:write'])],
        ['payments', new Set(['payments:charge'])],
      ]),
    });
  });

  it.each([
    ['before', [['inventory'], { inventory: ['inventory:read'] }]],
    ['after', [{ inventory: ['inventory:read'] }, ['inventory']]],
  ])('does not limit a service that is listed without scopes %s', (_, exchanges) => {
    const united = unitedPolicy(exchanges.map((exchange) => policy([], exchange as string[])));
    expect(united.exchange).toEqual(new Map([['inventory', undefined]]));
  });

  it('is empty without a policy', () => {
    expect(unitedPolicy([])).toEqual({ scopes: new Set(), exchange: new Map() });
  });
});
