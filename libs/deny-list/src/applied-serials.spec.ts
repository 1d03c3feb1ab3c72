import fc from 'fast-check';
import { AppliedSerials } from './applied-serials.js';

const after = (...serials: number[]) => {
  const applied = new AppliedSerials();
  for (const serial of serials) applied.add(serial);
  return applied;
};

describe('AppliedSerials', () => {
  it('misses nothing of an empty range, and settles it', () => {
    const applied = new AppliedSerials();
    expect(applied.through).toBe(-1);
    expect(applied.settle({ from: 7, through: 6 })).toBe(0);
    expect(applied.through).toBe(6);
  });

  it('counts the missing numbers and does not advance', () => {
    const applied = after(1, 2, 5, 8);
    expect(applied.settle({ from: 1, through: 9 })).toBe(5);
    expect(applied.through).toBe(-1);
  });

  it('does not require numbers below the range', () => {
    const applied = after(20, 21, 22);
    expect(applied.settle({ from: 20, through: 22 })).toBe(0);
    expect(applied.through).toBe(22);
  });

  it('advances by itself once the beginning is known', () => {
    const applied = after(3);
    applied.settle({ from: 1, through: 0 });
    expect(applied.through).toBe(0);
    applied.add(2);
    expect(applied.through).toBe(0);
    applied.add(1);
    expect(applied.through).toBe(3);
  });

  it('counts a snapshot for every number up to its own', () => {
    const applied = after(9, 12);
    applied.addThrough(10);
    expect(applied.through).toBe(10);
    applied.add(11);
    expect(applied.through).toBe(12);
  });

  it('never goes back, whatever a later range says', () => {
    const applied = after(1, 2, 3);
    applied.settle({ from: 1, through: 3 });
    expect(applied.settle({ from: 1, through: 2 })).toBe(0);
    applied.addThrough(1);
    expect(applied.through).toBe(3);
  });

  it('forgets all numbers on restart', () => {
    const applied = after(1, 2);
    applied.settle({ from: 1, through: 2 });
    applied.restart();
    expect(applied.settle({ from: 1, through: 2 })).toBe(2);
  });

  it('counts exactly the missing numbers, in whatever order and however often numbers arrive', () => {
    const serial = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.array(serial), serial, serial, (serials, from, through) => {
        const expected = [];
        for (let n = from; n <= through; n++) if (!serials.includes(n)) expected.push(n);
        expect(after(...serials).settle({ from, through })).toBe(expected.length);
      }),
      { numRuns: 1_000 },
    );
  });

  describe('waitForSerial', () => {
    it('resolves at once if nothing is missing', async () => {
      const applied = after(1);
      applied.settle({ from: 1, through: 1 });
      await expect(applied.waitForSerial(1, 0)).resolves.toBe(true);
    });

    it('resolves when the missing numbers arrive', async () => {
      const applied = new AppliedSerials();
      applied.addThrough(4);
      const waiting = applied.waitForSerial(6, 60_000);
      applied.add(6);
      applied.add(5);
      await expect(waiting).resolves.toBe(true);
    });

    it('resolves to false after the timeout', async () => {
      await expect(after(1, 3).waitForSerial(3, 1)).resolves.toBe(false);
    });
  });
});
