import { BoundedQueue } from './bounded-queue.js';

/** Work that ends when told, and counts how many run at once. */
function workbench() {
  const finish: (() => void)[] = [];
  const seen = { running: 0, most: 0 };
  const work = async () => {
    seen.most = Math.max(seen.most, ++seen.running);
    await new Promise<void>((resolve) => finish.push(resolve));
    seen.running -= 1;
  };
  return { work, seen, finish };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('BoundedQueue', () => {
  it('runs no more at once than it may', async () => {
    const { work, seen, finish } = workbench();
    const queue = new BoundedQueue(2, 10);
    const all = Promise.all(Array.from({ length: 8 }, () => queue.run(work)));
    for (let done = 0; done < 8; done += 1) {
      await settled();
      finish.shift()?.();
    }
    await all;
    expect(seen).toEqual({ running: 0, most: 2 });
  });

  it('turns away with 503 and Retry-After what would wait in too long a line', async () => {
    const { work, finish } = workbench();
    const queue = new BoundedQueue(1, 1);
    const admitted = [queue.run(work), queue.run(work)];
    await expect(queue.run(work)).rejects.toMatchObject({
      status: 503,
      details: { headers: { 'retry-after': '1' } },
    });
    await settled();
    finish.shift()?.();
    await settled();
    finish.shift()?.();
    await Promise.all(admitted);
    const afterwards = queue.run(work);
    await settled();
    finish.shift()?.();
    await afterwards;
  });

  it('gives the place on when work fails', async () => {
    const queue = new BoundedQueue(1, 5);
    const failing = () => Promise.reject(new Error('broken'));
    const results = await Promise.allSettled([
      queue.run(failing),
      queue.run(failing),
      queue.run(() => Promise.resolve('fine')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });
});
