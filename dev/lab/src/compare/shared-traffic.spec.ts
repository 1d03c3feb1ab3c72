import type { Traffic } from '@latchkey/testing';
import { trafficOfOne } from './shared-traffic.js';

describe('trafficOfOne', () => {
  it('is what a request asks, even if one of them also stores the last use of its session', async () => {
    const proxy: { traffic: Traffic } = { traffic: { up: 40, down: 70, questions: 1 } };
    const call = (index: number): Promise<void> => {
      const { up, down, questions } = proxy.traffic;
      const times = index === 7 ? 2 : 1;
      proxy.traffic = {
        up: up + 214 * times,
        down: down + 386 * times,
        questions: questions + times,
      };
      return Promise.resolve();
    };
    expect(await trafficOfOne(proxy, call, 20)).toEqual({ up: 214, down: 386, questions: 1 });
  });
});
