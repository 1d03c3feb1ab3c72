import { sessionId } from './session-ids.js';

describe('sessionId', () => {
  it('looks like a UUID', () => {
    expect(sessionId(7)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('gives the same id for the same number, and different ids for different numbers', () => {
    expect(sessionId(7)).toBe(sessionId(7));
    expect(new Set(Array.from({ length: 10_000 }, (_, index) => sessionId(index))).size).toBe(
      10_000,
    );
  });
});
