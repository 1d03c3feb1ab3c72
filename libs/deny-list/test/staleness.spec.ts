import { DenyList } from '../src/index.js';
import { clock, ISSUER, START, watermark } from './deny-list-fixture.js';

describe('staleness', () => {
  it('is infinite before the first watermark', () => {
    expect(new DenyList().stalenessSeconds(ISSUER)).toBe(Infinity);
  });

  it("is the age of the issuer's last watermark", () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.applyWatermark(watermark(time.now() - 500));
    time.pass(2);
    expect(list.stalenessSeconds(ISSUER)).toBe(2.5);
    expect(list.stalenessSeconds('https://other.test')).toBe(Infinity);
  });

  it('does not decrease with an older watermark', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.applyWatermark(watermark(time.now()));
    time.pass(3);
    list.applyWatermark(watermark(time.now() - 10_000));
    expect(list.stalenessSeconds(ISSUER)).toBe(3);
  });

  it('grows with the wall clock while the monotonic clock stands still, as on a suspended machine', () => {
    let wall = START * 1000;
    const list = new DenyList({ now: () => wall, monotonicNow: () => 0 });
    list.applyWatermark(watermark(wall));
    wall += 30_000;
    expect(list.stalenessSeconds(ISSUER)).toBe(30);
  });

  it('grows with the monotonic clock when the wall clock is set back', () => {
    let wall = START * 1000;
    let monotonic = 0;
    const list = new DenyList({ now: () => wall, monotonicNow: () => monotonic });
    list.applyWatermark(watermark(wall));
    wall -= 3_600_000;
    monotonic += 30_000;
    expect(list.stalenessSeconds(ISSUER)).toBe(30);
  });
});
