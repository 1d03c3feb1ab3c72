import { sessionId } from './session-ids.js';

describe('sessionId', () => {
  it('looks like a UUID', () => {
    expect(sessionId(7)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('gives the same id for a number and another one for each number', () => {
    expect(sessionId(7)).toBe(sessionId(7));
    expect(new Set(Array.from({ length: 10_000 }, (_, index) => sessionId(index))).size).toBe(
      10_000,
    );
  });
});
