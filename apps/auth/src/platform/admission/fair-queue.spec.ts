import fc from 'fast-check';
import { FairQueue, type QueueEntry } from './fair-queue.js';
import { RoundRobinQueue } from './round-robin-queue.js';

const eventLoopTurn = () => new Promise((resolve) => setImmediate(resolve));
const BUSY = { status: 503, details: { headers: { 'retry-after': '1' } } };

/** Creates a queue with tasks that run until told to finish, and records the order in which they start. */
function createTestQueue(
  options: { concurrency?: number; waiting?: number; longestWait?: number } = {},
) {
  const { concurrency = 1, waiting = 100, longestWait = 600_000 } = options;
  const queue = new FairQueue({
    concurrency,
    maxWaiting: waiting,
    maxWaitMilliseconds: longestWait,
  });
  const started: string[] = [];
  const finish: (() => void)[] = [];
  const run = (name: string, entry: Partial<QueueEntry> = {}) =>
    queue.run({ key: 'somebody', ...entry }, async () => {
      started.push(name);
      await new Promise<void>((resolve) => finish.push(resolve));
      return name;
    });
  const finishAll = async () => {
    await eventLoopTurn();
    while (finish.length > 0) {
      finish.shift()?.();
      await eventLoopTurn();
    }
  };
  return { queue, started, finish, run, finishAll };
}

describe('FairQueue', () => {
  it('limits the number of concurrent tasks', async () => {
    const { run, started, finish, finishAll } = createTestQueue({ concurrency: 2 });
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => run(name)));
    await eventLoopTurn();
    expect(started).toEqual(['a', 'b']);
    finish.shift()?.();
    await eventLoopTurn();
    expect(started).toEqual(['a', 'b', 'c']);
    await finishAll();
    expect(await all).toEqual(['a', 'b', 'c', 'd']);
  });

  it('delays a newcomer by only one task of a key that has a hundred', async () => {
    const { run, started, finishAll } = createTestQueue({ waiting: 200 });
    const flood = Array.from({ length: 100 }, (_, n) => run(`flood ${n}`, { key: 'flood' }));
    const other = run('newcomer', { key: 'newcomer' });
    await finishAll();
    await Promise.all([...flood, other]);
    expect(started.indexOf('newcomer')).toBe(2);
  });

  it('lets lanes take turns, however many keys each of them has', async () => {
    const { run, started, finishAll } = createTestQueue({ waiting: 200 });
    const flood = Array.from({ length: 100 }, (_, n) =>
      run(`registration ${n}`, { lane: 'registration', key: `botnet ${n}` }),
    );
    const logIns = Array.from({ length: 3 }, (_, n) =>
      run(`log-in ${n}`, { lane: 'log-in', key: `honest ${n}` }),
    );
    await finishAll();
    await Promise.all([...flood, ...logIns]);
    expect(started.indexOf('log-in 2')).toBeLessThan(8);
  });

  it('refuses a task with 503 and Retry-After when the queue is full', async () => {
    const { queue, run, finishAll } = createTestQueue({ waiting: 1 });
    const admitted = [run('a'), run('b')];
    await expect(run('c')).rejects.toMatchObject(BUSY);
    expect(queue.refused).toBe(1);
    await finishAll();
    await Promise.all(admitted);
  });

  it('evicts the newest task of the longest line in favour of a newcomer when it is full', async () => {
    const { run, started, finishAll } = createTestQueue({ waiting: 3 });
    const flood = Array.from({ length: 4 }, (_, n) => run(`flood ${n}`, { key: 'flood' }));
    const settled = Promise.allSettled(flood);
    const newcomer = run('newcomer', { key: 'newcomer' });
    await finishAll();
    expect(await newcomer).toBe('newcomer');
    expect((await settled).map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled'],
      'rejected',
    ]);
    expect(started).not.toContain('flood 3');
  });

  it('refuses a task that has waited too long, and does not run it', async () => {
    const { run, started, finishAll } = createTestQueue({ longestWait: 1 });
    const first = run('first');
    await expect(run('late')).rejects.toMatchObject(BUSY);
    await finishAll();
    await first;
    expect(started).toEqual(['first']);
  });

  it.each([
    ['before it enters', true],
    ['while it waits', false],
  ])('does not run the task of a client that disconnects %s', async (_, before) => {
    const { queue, run, started, finishAll } = createTestQueue();
    const first = run('first');
    const client = new AbortController();
    if (before) client.abort();
    const abandoned = run('abandoned', { signal: client.signal });
    client.abort();
    await expect(abandoned).rejects.toMatchObject({ status: 499 });
    expect([queue.waiting, queue.refused]).toEqual([0, 0]);
    await finishAll();
    await first;
    expect(started).toEqual(['first']);
  });

  it('passes the slot on when a task fails', async () => {
    const queue = new FairQueue({ concurrency: 1, maxWaiting: 5, maxWaitMilliseconds: 600_000 });
    const failing = () => Promise.reject(new Error('broken'));
    const results = await Promise.allSettled([
      queue.run({ key: 'a' }, failing),
      queue.run({ key: 'a' }, failing),
      queue.run({ key: 'a' }, () => Promise.resolve('fine')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('releases a slot only once', async () => {
    const queue = new FairQueue({ concurrency: 1, maxWaiting: 5, maxWaitMilliseconds: 600_000 });
    const release = await queue.acquire({ key: 'a' });
    release();
    release();
    await queue.acquire({ key: 'a' });
    const client = new AbortController();
    const third = queue.acquire({ key: 'a', signal: client.signal });
    await eventLoopTurn();
    expect(queue.waiting).toBe(1);
    client.abort();
    await expect(third).rejects.toMatchObject({ status: 499 });
  });
});

describe('RoundRobinQueue', () => {
  it('keeps the order within a key, and takes no key twice in a row while another waits', () => {
    const additions = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()));
    fc.assert(
      fc.property(additions, (added) => {
        const queue = new RoundRobinQueue<{ key: string; n: number }>();
        const items = added.map(([key, removed], n) => ({ item: { key, n }, removed }));
        for (const { item } of items) queue.add(item.key, item);
        for (const { item, removed } of items) if (removed) queue.remove(item.key, item);
        const kept = items.flatMap(({ item, removed }) => (removed ? [] : [item]));
        expect(queue.size).toBe(kept.length);
        const taken = kept.map(() => queue.take()!);
        expect([queue.take(), queue.size]).toEqual([undefined, 0]);
        for (const key of ['a', 'b', 'c'])
          expect(taken.filter((item) => item.key === key)).toEqual(
            kept.filter((item) => item.key === key),
          );
        for (const [index, { key }] of taken.entries()) {
          const rest = taken.slice(index + 1);
          if (rest.some((item) => item.key !== key)) expect(rest[0]?.key).not.toBe(key);
        }
      }),
    );
  });
});
