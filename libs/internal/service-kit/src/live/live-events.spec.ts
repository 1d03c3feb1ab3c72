import type { LiveRevocation, LiveStatus } from '@latchkey/contracts/live';
import { EventSourceParser, waitFor } from '@latchkey/testing';
import type { EventStream } from './event-stream.js';
import { LiveEvents, type LiveService } from './live-events.js';
import type { NotedRevocation } from './recent-revocations.js';

const SERVICE: LiveService = {
  name: 'things',
  enabled: true,
  responses: () => Promise.resolve({ 200: 3 }),
  onError: () => undefined,
};
const revocation = (position: number): NotedRevocation => ({
  position,
  kind: 'session',
  atMilliseconds: 1_800_000_000_000,
  delayMilliseconds: 2,
  live: true,
});

/** Reads a stream, as fast as it comes. */
function read(stream: EventStream | undefined) {
  const parser = new EventSourceParser();
  const statuses: LiveStatus[] = [];
  const revocations: LiveRevocation[] = [];
  const reading = { statuses, revocations, lastEventId: '', ended: false };
  stream?.on('data', (chunk: Buffer) => {
    for (const { type, data, lastEventId } of parser.push(chunk.toString())) {
      reading.lastEventId = lastEventId;
      if (type === 'status') statuses.push(JSON.parse(data) as LiveStatus);
      else revocations.push(JSON.parse(data) as LiveRevocation);
    }
  });
  stream?.on('end', () => (reading.ended = true));
  return reading;
}

describe('live events', () => {
  const open: EventStream[] = [];
  const opened = (live: LiveEvents, lastEventId?: string) => {
    const stream = live.open(lastEventId);
    if (stream) open.push(stream);
    return stream;
  };
  afterEach(() => {
    for (const stream of open.splice(0)) stream.destroy();
  });

  it('send the status immediately, with each part, and again soon after a change', async () => {
    const live = new LiveEvents(SERVICE);
    let natsConnected = false;
    live.describe(() => ({ natsConnected }));
    live.describe(() => ({ keyIds: ['k'] }));
    const reading = read(opened(live));
    await waitFor(() => reading.statuses.length === 1);
    expect(reading.statuses[0]).toMatchObject({
      ...{ service: 'things', responses: { 200: 3 }, keyIds: ['k'], natsConnected: false },
      instance: expect.stringMatching(/^[\da-f]{12}$/),
    });
    natsConnected = true;
    const changedAt = performance.now();
    for (let time = 0; time < 100; time++) live.changed();
    await waitFor(() => reading.statuses.at(-1)?.natsConnected);
    // Before the next regular status, and only once.
    expect(performance.now() - changedAt).toBeLessThan(900);
    expect(reading.statuses.length).toBeLessThanOrEqual(3);
  });

  it('send the status of a new reader to that one only', async () => {
    const live = new LiveEvents(SERVICE);
    const first = read(opened(live));
    await waitFor(() => first.statuses.length === 1);
    for (let count = 0; count < 10; count++) {
      const stream = opened(live);
      const { statuses } = read(stream);
      await waitFor(() => statuses.length > 0);
      stream?.destroy();
    }
    // The first one and those of every second: not ten more.
    expect(first.statuses.length).toBeLessThan(10);
  });

  it('send each revocation, to every reader', async () => {
    const live = new LiveEvents(SERVICE);
    const readings = [read(opened(live)), read(opened(live))];
    live.revoked(revocation(7));
    live.revoked(revocation(8));
    for (const reading of readings) {
      await waitFor(() => reading.revocations.length === 2);
      expect(reading.revocations).toEqual([
        { ...revocation(7), omitted: 0 },
        { ...revocation(8), omitted: 0 },
      ]);
    }
  });

  it('count the revocations that have no event, of many at the same time', async () => {
    const live = new LiveEvents(SERVICE);
    const reading = read(opened(live));
    for (let position = 1; position <= 10_000; position++) live.revoked(revocation(position));
    await waitFor(() => reading.revocations.at(-1)?.position === 10_000);
    const counted = reading.revocations.reduce((sum, { omitted }) => sum + omitted + 1, 0);
    expect(counted).toBe(10_000);
    expect(reading.revocations.length).toBeLessThan(200);
  });

  it('give a reader that reconnects the revocations that it missed, and nobody else', async () => {
    const live = new LiveEvents(SERVICE);
    const first = opened(live);
    const before = read(first);
    live.revoked(revocation(1));
    await waitFor(() => before.revocations.length === 1);
    first?.destroy();
    live.revoked(revocation(2));
    live.revoked(revocation(3));

    const again = read(opened(live, before.lastEventId));
    await waitFor(() => again.revocations.length === 2);
    expect(again.revocations.map(({ position }) => position)).toEqual([2, 3]);
    const instance = before.lastEventId.split('.')[0];
    const others = [undefined, '', 'x', instance, `${instance}.x`, `${instance}.-1`, 'other.1'].map(
      (lastEventId) => read(opened(live, lastEventId)),
    );
    live.revoked(revocation(4));
    for (const other of others) {
      await waitFor(() => other.revocations.length > 0);
      expect(other.revocations.map(({ position }) => position)).toEqual([4]);
    }
  });

  it('count what a reader missed that is kept no more, and forgive an id from the future', async () => {
    const live = new LiveEvents(SERVICE);
    for (let position = 1; position <= 250; position++) live.revoked(revocation(position));
    const { lastEventId, statuses } = read(opened(live));
    expect(lastEventId).toBe('');
    await waitFor(() => statuses.length > 0);
    const late = read(opened(live, `${statuses[0]!.instance}.10`));
    const ahead = read(opened(live, `${statuses[0]!.instance}.999`));
    await waitFor(() => late.revocations.length > 0 && ahead.statuses.length > 0);
    expect(late.revocations).toHaveLength(100);
    expect(late.revocations[0]).toMatchObject({ position: 151, omitted: 140 });
    expect(ahead.revocations).toEqual([]);
  });

  it('have at most 32 readers, and room again when one has left', async () => {
    const live = new LiveEvents(SERVICE);
    const streams = Array.from({ length: 32 }, () => opened(live));
    expect(streams).not.toContain(undefined);
    expect(live.open()).toBeUndefined();
    streams[0]?.destroy();
    await waitFor(() => opened(live));
  });

  it('drop a reader that does not read, and keep the others', async () => {
    const live = new LiveEvents(SERVICE);
    live.describe(() => ({ keyIds: ['k'.repeat(20_000)] }));
    const slow = opened(live);
    const reading = read(opened(live));
    await waitFor(() => {
      live.changed();
      return slow?.destroyed;
    });
    const seen = reading.statuses.length;
    live.changed();
    await waitFor(() => reading.statuses.length > seen);
  });

  it('end for good when the service shuts down, also for a reader that does not read', async () => {
    const live = new LiveEvents(SERVICE);
    const silent = opened(live);
    const reading = read(opened(live));
    live.close();
    live.close();
    silent?.send('too late');
    await waitFor(() => reading.ended && silent?.destroyed);
    expect(live.open()).toBeUndefined();
  });

  it('cost nothing without a reader: no timer runs, and no status is made', () => {
    let asked = 0;
    const live = new LiveEvents({ ...SERVICE, responses: () => Promise.resolve({ 200: asked++ }) });
    const timers = activeTimers();
    live.changed();
    live.revoked(revocation(1));
    expect([asked, activeTimers()]).toEqual([0, timers]);
  });

  it('stop their timers when the last reader leaves', async () => {
    const live = new LiveEvents(SERVICE);
    const timers = activeTimers();
    const stream = opened(live);
    live.revoked(revocation(1));
    stream?.destroy();
    await waitFor(() => activeTimers() <= timers);
  });

  it('report a status that cannot be made, and go on', async () => {
    const errors: unknown[] = [];
    const live = new LiveEvents({ ...SERVICE, onError: (cause) => errors.push(cause) });
    let fails = true;
    live.describe(() => {
      if (fails) throw new Error('not now');
      return {};
    });
    const reading = read(opened(live));
    await waitFor(() => errors.length > 0);
    fails = false;
    live.changed();
    await waitFor(() => reading.statuses.length > 0);
  });
});

const activeTimers = () =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate')
    .length;
