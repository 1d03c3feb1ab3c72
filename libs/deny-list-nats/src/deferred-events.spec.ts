import { jest } from '@jest/globals';
import { DeferredEvents } from './deferred-events.js';
import type { StreamMessage } from './signed-event-reader.js';

const message = (subject: string, sequence = 1, header = 'header'): StreamMessage => ({
  subject,
  sequence,
  data: Buffer.from(`${header}.payload.signature`),
});

describe('DeferredEvents', () => {
  let givenUp: string[];
  let deferred: DeferredEvents;
  /** What is tried, and nothing of it works. */
  const tryInVain = async () => {
    const tried: string[] = [];
    await deferred.retry(({ subject }) => Promise.resolve(tried.push(subject)));
    return tried;
  };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    givenUp = [];
    deferred = new DeferredEvents(({ subject }) => givenUp.push(subject));
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('forbids freshness while one waits, and no longer when it is settled', () => {
    deferred.add(message('a'));

    deferred.settle('a');

    expect(deferred.empty).toBe(true);
  });

  it('forbids freshness for a minute, and tries on after it', async () => {
    deferred.add(message('a'));
    jest.advanceTimersByTime(59_000);
    await tryInVain();

    jest.advanceTimersByTime(2_000);
    expect(await tryInVain()).toEqual(['a']);

    expect(await tryInVain()).toEqual(['a']);
    expect(givenUp).toEqual(['a']);
  });

  it('is not made to wait longer by the same event put there again', async () => {
    deferred.add(message('a', 1));
    jest.advanceTimersByTime(59_000);
    deferred.add(message('a', 2));
    jest.advanceTimersByTime(2_000);
    await tryInVain();
  });

  it('tries one of all those that wait for the same key, and each once that works', async () => {
    deferred.add(message('a', 1, 'first'));
    deferred.add(message('b', 2, 'second'));
    deferred.add(message('c', 3, 'first'));
    expect(await tryInVain()).toEqual(['a', 'b']);
    const settled: string[] = [];
    await deferred.retry(({ subject }) => {
      settled.push(subject);
      deferred.settle(subject);
      return Promise.resolve();
    });
    expect(settled).toEqual(['a', 'b', 'c']);
    expect(deferred.empty).toBe(true);
  });

  it('loses none when verification breaks off in the middle', async () => {
    deferred.add(message('a'));
    deferred.add(message('b'));
    await expect(deferred.retry(() => Promise.reject(new Error('no keys')))).rejects.toThrow();
    deferred.settle('a');
    expect(deferred.empty).toBe(false);
  });

  it('keeps the newest when there are too many, and says which it gave up', () => {
    for (let index = 0; index < 10_001; index++) deferred.add(message(`s${index}`));
    expect(givenUp).toEqual(['s0']);
  });

  it('copes with what has no header at all', async () => {
    deferred.add({ subject: 'a', sequence: 1, data: Buffer.from('nonsense') });
    deferred.add({ subject: 'b', sequence: 2, data: new Uint8Array() });
    expect(await tryInVain()).toEqual(['a', 'b']);
  });
});
