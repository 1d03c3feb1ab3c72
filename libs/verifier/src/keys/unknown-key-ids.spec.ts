import { UnknownKeyIds } from './unknown-key-ids.js';

describe('UnknownKeyIds', () => {
  it('forgets a kid when its time is over', () => {
    const unknown = new UnknownKeyIds();
    unknown.add('k', 10);
    expect(unknown.has('k', 9)).toBe(true);
    expect(unknown.has('k', 10)).toBe(false);
  });

  it('holds only the last 1,000 kids', () => {
    const unknown = new UnknownKeyIds();
    for (let index = 0; index < 5_000; index++) unknown.add(`k${index}`, 10);
    const held = Array.from({ length: 5_000 }, (_, index) => unknown.has(`k${index}`, 0));
    expect(held.filter(Boolean)).toHaveLength(1_000);
    expect(held.at(-1)).toBe(true);
    expect(unknown.has('k4999', 10)).toBe(false);
  });
});
