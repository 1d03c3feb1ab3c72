import { traced, tracedWork } from './traced.js';

describe('traced work', () => {
  it('is neither described nor published while nobody subscribes', async () => {
    const describeWork = () => {
      throw new Error('described');
    };
    await expect(traced(describeWork, (work) => Promise.resolve([work]))).resolves.toEqual([
      undefined,
    ]);
  });

  it('is published with what it failed with, which the caller gets too', async () => {
    const ended: unknown[] = [];
    const onEnd = (message: unknown) => void ended.push(message);
    tracedWork.asyncEnd.subscribe(onEnd);
    try {
      const failure = new Error('failed');
      const work = traced(
        () => ({ name: 'work' }),
        () => Promise.reject(failure),
      );
      await expect(work).rejects.toBe(failure);
      expect(ended).toEqual([{ name: 'work', error: failure }]);
    } finally {
      tracedWork.asyncEnd.unsubscribe(onEnd);
    }
  });
});
