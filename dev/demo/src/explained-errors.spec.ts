import { partToBreak } from './explained-errors.js';

describe('--break', () => {
  it.each([
    ['nats', 'nats'],
    [' NATS ', 'nats'],
    ['auth', 'auth'],
    ['postgres', 'postgres'],
    ['redis', 'redis'],
    ['nats:orders-1', 'nats:orders-1'],
    ['NATS:Auth', 'nats:auth'],
    [undefined, undefined],
  ])('names a part: %p', (given, part) => {
    expect(partToBreak(given)).toBe(part);
  });

  it.each(['', 'orders', 'nats:', 'nats:orders', 'nats,auth', '__proto__'])(
    'lists what can be broken instead of %p',
    (given) => {
      expect(() => partToBreak(given)).toThrow(
        `${JSON.stringify(given)} cannot be broken. These can: nats, auth, postgres, redis, nats:auth, nats:orders-1,`,
      );
    },
  );
});
