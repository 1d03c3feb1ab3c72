import { managedExchange, managedScopes } from './managed-policy.js';

const SERVICES = {
  issuer: 'https://auth.example.com',
  audiences: new Map([
    ['orders', new Set(['orders:read'])],
    ['inventory', new Set(['inventory:read'])],
    ['open', undefined],
  ]),
};
const withoutOpen = {
  ...SERVICES,
  audiences: new Map([...SERVICES.audiences].filter(([name]) => name !== 'open')),
};

function problemOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('the policy of a managed client', () => {
  it('has the scopes that any service knows, each once', () => {
    expect(managedScopes(['orders:read', 'orders:read'], withoutOpen)).toEqual(['orders:read']);
    expect(() => managedScopes(['Orders:read'], withoutOpen)).toThrow(
      'The service does not know a scope',
    );
  });

  it('has the services of AUDIENCES with scopes that they know', () => {
    expect(
      managedExchange({ orders: ['orders:read'], open: ['x'], inventory: null }, SERVICES),
    ).toEqual({ orders: ['orders:read'], open: ['x'], inventory: null });
    expect(managedExchange(['orders'], SERVICES)).toEqual({ orders: null });
  });

  it.each([
    [['nobody'], 'unknown_audience'],
    [[SERVICES.issuer], 'unknown_audience'],
    [['Orders'], 'unknown_audience'],
    [{ orders: ['inventory:read'] }, 'unknown_scope'],
  ])('refuses %j with %s', (exchange, code) => {
    const refusal = problemOf(() => managedExchange(exchange, SERVICES));
    expect(refusal).toMatchObject({ status: 400, code });
  });
});
