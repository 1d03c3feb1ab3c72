import { HOUSEKEEPING_LOCKS } from '@latchkey/service-kit';
import * as locks from './advisory-locks.js';

describe('advisory locks', () => {
  it('have different numbers, because they share a database', () => {
    const numbers = [...Object.values(locks), HOUSEKEEPING_LOCKS];
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
