import { jest } from '@jest/globals';
import { DeferredEvents } from './deferred-events.js';
import type { StreamMessage } from './signed-event-reader.js';

const message = (subject: string, sequence = 1, header = 'header'): StreamMessage => ({
  subject,
  sequence,
  data: Buffer.from(`${header}.payload.signature`),
});

describe('DeferredEvents', () => {
  let refused: string[];
  let deferred: DeferredEvents;
  /** Retries all, none of which succeeds. @returns the subjects that were tried */
  const retryInVain = async () => {
    const tried: string[] = [];
    await deferred.retry(({ subject }) => Promise.resolve(tried.push(subject)));
    return tried;
  };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    refused = [];
    deferred = new DeferredEvents(({ subject }) => refused.push(subject));
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is empty once the last event is settled', () => {
    deferred.add(message('a'));

    deferred.settle('a');

    expect(deferred.empty).toBe(true);
  });

  it('reports an event as refused after a minute, once, and keeps retrying it', async () => {
    deferred.add(message('a'));
    jest.advanceTimersByTime(59_000);
    await retryInVain();

    jest.advanceTimersByTime(2_000);
    expect(await retryInVain()).toEqual(['a']);

    expect(await retryInVain()).toEqual(['a']);
    expect(refused).toEqual(['a']);
  });

  it('does not restart the minute when the same event is added again', async () => {
    deferred.add(message('a', 1));
    jest.advanceTimersByTime(59_000);
    deferred.add(message('a', 2));
    jest.advanceTimersByTime(2_000);
    await retryInVain();
    expect(refused).toEqual(['a']);
  });

  it('tries one event per missing key, and all events once the key is known', async () => {
    deferred.add(message('a', 1, 'first'));
    deferred.add(message('b', 2, 'second'));
    deferred.add(message('c', 3, 'first'));
    expect(await retryInVain()).toEqual(['a', 'b']);
    const settled: string[] = [];
    await deferred.retry(({ subject }) => {
      settled.push(subject);
      deferred.settle(subject);
      return Promise.resolve();
    });
    expect(settled).toEqual(['a', 'b', 'c']);
    expect(deferred.empty).toBe(true);
  });

  it('loses none if verification becomes unavailable in the middle', async () => {
    deferred.add(message('a'));
    deferred.add(message('b'));
    await expect(deferred.retry(() => Promise.reject(new Error('no keys')))).rejects.toThrow();
    deferred.settle('a');
    expect(deferred.empty).toBe(false);
  });

  it('drops and reports the oldest when there are too many', () => {
    for (let index = 0; index < 10_001; index++) deferred.add(message(`s${index}`));
    expect(refused).toEqual(['s0']);
  });

  it('accepts messages without a header', async () => {
    deferred.add({ subject: 'a', sequence: 1, data: Buffer.from('nonsense') });
    deferred.add({ subject: 'b', sequence: 2, data: new Uint8Array() });
    expect(await retryInVain()).toEqual(['a', 'b']);
  });
});
