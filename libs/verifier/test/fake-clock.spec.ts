import { jest } from '@jest/globals';
import { makeFixture } from './verifier-fixture.js';

describe('a clock that is replaced after the verifier was made', () => {
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('is the one that counts, as with fake timers of Jest', async () => {
    const { verifier, make, judge } = await makeFixture();
    const token = await make();
    expect(await judge(token)).toBe('accepted');
    jest.useFakeTimers({ now: Date.now() + 3_600_000, doNotFake: ['nextTick', 'queueMicrotask'] });
    expect(await judge(token)).toBe('expired');
    verifier.close();
  });

  it('is the one that counts, as with another Date.now', async () => {
    const { verifier, make, judge } = await makeFixture();
    const token = await make();
    const past = Date.now() - 3_600_000;
    jest.spyOn(Date, 'now').mockImplementation(() => past);
    expect(await judge(token)).toBe('not_yet_valid');
    verifier.close();
  });
});
