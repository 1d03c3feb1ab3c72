import { inPairs, spreadRequests } from './spread-requests.js';

const requests = ['/orders', '/orders/ada', '/orders', '/orders/grace'].map((path, index) => ({
  path,
  headers: { user: index < 2 ? 'ada' : 'grace' },
}));

describe('spreadRequests', () => {
  it.each([1, 2, 4, 8, 16])('gives each of %i targets both kinds, of every user', (targets) => {
    const connections = 2 * targets;
    const spread = spreadRequests(inPairs(requests), { connections, targets });
    for (let target = 0; target < targets; target++) {
      // As a load generator deals them out: request n to connection n, which is one of target n.
      const sent = spread.filter((_, index) => (index % connections) % targets === target);
      expect(new Set(sent)).toEqual(new Set(requests));
    }
    for (let connection = 0; connection < connections; connection++) {
      const own = spread.filter((_, index) => index % connections === connection);
      expect(own.map(({ path }) => path === '/orders')).toEqual([true, false]);
    }
  });

  it('has nothing to spread without requests', () => {
    expect(() => spreadRequests([], { connections: 1, targets: 1 })).toThrow('nothing to send');
  });
});
