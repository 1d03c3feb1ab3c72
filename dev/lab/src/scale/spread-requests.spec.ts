import { inPairs, spreadRequests } from './spread-requests.js';

const requests = ['/orders', '/orders/ada', '/orders', '/orders/grace'].map((path, index) => ({
  path,
  headers: { user: index < 2 ? 'ada' : 'grace' },
}));

describe('spreadRequests', () => {
  it.each([1, 2, 4, 8, 16])('gives each of %i targets both requests of every user', (targets) => {
    const connections = 2 * targets;
    const spread = spreadRequests(inPairs(requests), { connections, targets });
    for (let target = 0; target < targets; target++) {
      // Like the load generator: request n goes to connection n, and connection n to target n.
      const sent = spread.filter((_, index) => (index % connections) % targets === target);
      expect(new Set(sent)).toEqual(new Set(requests));
    }
    for (let connection = 0; connection < connections; connection++) {
      const own = spread.filter((_, index) => index % connections === connection);
      expect(own.map(({ path }) => path === '/orders')).toEqual([true, false]);
    }
  });

  it('needs at least one request', () => {
    expect(() => spreadRequests([], { connections: 1, targets: 1 })).toThrow('nothing to send');
  });
});
