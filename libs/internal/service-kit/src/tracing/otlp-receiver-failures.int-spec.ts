import { waitFor, type OtlpAnswer } from '@latchkey/testing';
import { TracedThings } from '../../test/tracing-fixture.js';

const nonsense: OtlpAnswer = (_, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'.repeat(1_000));

/** Each keeps the receiver from taking spans. */
const FAILURES: Record<string, OtlpAnswer> = {
  'answers 400': (_, response) => response.writeHead(400).end('no'),
  'answers 401': (_, response) => response.writeHead(401).end('no'),
  'answers 404': (_, response) => response.writeHead(404).end('no'),
  'answers 500': (_, response) => response.writeHead(500).end('no'),
  redirects: (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9' }).end(),
  'breaks the connection': (request) => request.socket.destroy(),
};

describe('a receiver of traces that fails', () => {
  let things: TracedThings;
  beforeEach(async () => {
    things = await TracedThings.start({ timeoutMilliseconds: 500 });
  });
  afterEach(() => things.close());

  const warnings = () => things.logLines.filter(({ level }) => level === 40);
  const request = async () => expect((await things.get('/things/public')).status).toBe(200);
  const received = (count: number) =>
    waitFor(() => Promise.resolve(things.receiver.requests.length >= count));

  it.each(Object.keys(FAILURES))('because it %s leads to one warning', async (failure) => {
    things.receiver.answer = FAILURES[failure]!;
    await request();
    await waitFor(() => Promise.resolve(warnings().length > 0));
    const before = things.receiver.requests.length;
    await request();
    await received(before + 1);
    await request();
    await received(before + 2);
    expect(warnings()).toEqual([
      expect.objectContaining({ msg: 'traces are lost: the OTLP receiver does not accept them' }),
    ]);
  });

  it('and is back leads to one line', async () => {
    const { answer } = things.receiver;
    things.receiver.answer = FAILURES['answers 400']!;
    await request();
    await waitFor(() => Promise.resolve(warnings().length > 0));
    things.receiver.answer = answer;
    await request();
    await waitFor(() => Promise.resolve(things.log.includes('traces are received again')));
    expect(warnings()).toHaveLength(1);
  });

  it('because it answers nonsense leads to one warning, which does not quote it', async () => {
    things.receiver.answer = nonsense;
    for (let count = 1; count <= 3; count += 1) {
      await request();
      await received(count);
    }
    await things.service.close();
    expect(warnings().length).toBeLessThanOrEqual(1);
    expect(things.log).not.toContain('<html>');
  });

  it('because it never answers delays neither requests nor the shutdown', async () => {
    await things.close();
    things = await TracedThings.start({ timeoutMilliseconds: 2_000 });
    let unanswered = 0;
    things.receiver.answer = () => void (unanswered += 1);
    await request();
    await received(1);
    await request();
    await things.service.close();
    expect(unanswered).toBeGreaterThan(0);
    expect(things.log).toContain('shutting down');
  });
});

describe('spans that wait for a receiver', () => {
  it('are dropped beyond the limit', async () => {
    const things = await TracedThings.start({ maxWaitingSpans: 3, batchMilliseconds: 600_000 });
    try {
      const limit = 3;
      things.receiver.answer = () => undefined;
      // The first batch is sent as soon as it is full, and is never answered; the next one waits.
      for (let count = 0; count < 5 * limit; count += 1) await things.get('/things/public');
      await things.service.close();
      await waitFor(() => Promise.resolve(things.receiver.spans.length >= 2 * limit));
      expect(things.receiver.spans).toHaveLength(2 * limit);
    } finally {
      await things.close();
    }
  });
});

describe('a receiver of traces that does not exist', () => {
  it('leads to one warning, and the service starts, answers and stops', async () => {
    const nowhere = { endpoint: 'http://127.0.0.1:9', timeoutMilliseconds: 100 };
    const things = await TracedThings.start(nowhere);
    try {
      expect((await things.get('/things/public')).status).toBe(200);
      await waitFor(() => Promise.resolve(things.log.includes('traces are lost')));
      await things.service.close();
      expect(things.receiver.spans).toEqual([]);
    } finally {
      await things.close();
    }
  });
});

describe('a second OpenTelemetry SDK in the process', () => {
  it('is not started, and says so', async () => {
    const first = await TracedThings.start();
    const second = await TracedThings.start();
    try {
      expect(second.log).toContain('traces stay off: another OpenTelemetry SDK runs');
      expect((await second.get('/things/public')).status).toBe(200);
      expect(second.receiver.spans).toEqual([]);
    } finally {
      await second.close();
      await first.close();
    }
  });
});
