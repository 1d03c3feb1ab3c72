import { exposureOf, firstRefusals, unexpectedOf, type Call } from './calls.js';

const call = (client: number, beganAt: number, endedAt: number, status: number): Call => ({
  client,
  beganAt,
  endedAt,
  status,
});

describe('firstRefusals', () => {
  it('is the end of the first refusal of each client', () => {
    const refused = [call(1, 11, 40, 401), call(0, 20, 24, 401), call(0, 30, 33, 401)];
    const calls = [call(0, 10, 15, 200), ...refused];
    expect(firstRefusals({ calls })).toEqual([40, 24]);
  });

  it('is the refusal that ended first, not the call that began first', () => {
    const calls = [call(0, 10, 90, 401), call(0, 20, 25, 401)];
    expect(firstRefusals({ calls })).toEqual([25]);
    expect(firstRefusals({ calls: calls.toReversed() })).toEqual([25]);
  });

  it('leaves out clients that were never refused, whatever else they got', () => {
    const calls = [call(0, 1, 2, 200), call(1, 1, 2, 503), call(2, 1, 2, 0)];
    expect(firstRefusals({ calls })).toEqual([]);
    expect(firstRefusals({ calls: [] })).toEqual([]);
  });
});

describe('exposureOf', () => {
  const answeredAt = 100;

  it('is the time from the answer to the start of the last accepted call of any client', () => {
    const calls = [
      call(0, 90, 95, 200),
      call(1, 130, 135, 200),
      call(0, 120, 160, 200),
      call(1, 140, 145, 401),
    ];
    expect(exposureOf({ answeredAt, calls })).toBe(30);
  });

  it('is 0 for a call that began before the answer and ended after it', () => {
    expect(exposureOf({ answeredAt, calls: [call(0, 99, 180, 200)] })).toBe(0);
  });

  it('is 0 when nothing was accepted', () => {
    const calls = [call(0, 110, 115, 401), call(0, 120, 125, 503), call(0, 130, 5130, 0)];
    expect(exposureOf({ answeredAt, calls })).toBe(0);
    expect(exposureOf({ answeredAt, calls: [] })).toBe(0);
  });
});

describe('unexpectedOf', () => {
  it('counts calls that were neither accepted nor refused', () => {
    const calls = [200, 401, 503, 0, 503, 500].map((status) => call(0, 1, 2, status));
    expect(unexpectedOf({ calls })).toEqual({ '503': 2, '500': 1, 'no answer': 1 });
  });

  it('is empty when there are none', () => {
    expect(unexpectedOf({ calls: [call(0, 1, 2, 200), call(0, 3, 4, 401)] })).toEqual({});
  });
});
