import { jest } from '@jest/globals';
import { makeFixture } from './verifier-fixture.js';

describe('a verifier whose clock is replaced', () => {
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('uses the fake timers of Jest', async () => {
    const { verifier, make, judge } = await makeFixture();
    const token = await make();
    expect(await judge(token)).toBe('accepted');
    jest.useFakeTimers({ now: Date.now() + 3_600_000, doNotFake: ['nextTick', 'queueMicrotask'] });
    expect(await judge(token)).toBe('expired');
    verifier.close();
  });

  it('uses a mock of Date.now', async () => {
    const { verifier, make, judge } = await makeFixture();
    const token = await make();
    const past = Date.now() - 3_600_000;
    jest.spyOn(Date, 'now').mockImplementation(() => past);
    expect(await judge(token)).toBe('not_yet_valid');
    verifier.close();
  });
});
