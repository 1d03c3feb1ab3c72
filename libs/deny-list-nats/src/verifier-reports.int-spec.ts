import { RECEIPT_REQUEST_SUBJECT, VERIFIER_REPORT_SUBJECTS } from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import { startTestNats, waitFor, type TestNats } from '@latchkey/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { VerifierReports } from './verifier-reports.js';

const REQUEST = JSON.stringify({ serial: 0, withinMilliseconds: 0 });

describe('VerifierReports', () => {
  let nats: TestNats;
  let auth: NatsConnection;
  let verifier: NatsConnection;
  let reports: VerifierReports;
  let heard: number;

  beforeEach(async () => {
    nats = await startTestNats();
    auth = await connect(nats.credentials('auth'));
    verifier = await connect(nats.credentials('orders'));
    reports = new VerifierReports(new DenyList(), 'orders', () => undefined);
    heard = 0;
    auth.subscribe(VERIFIER_REPORT_SUBJECTS, { callback: () => void heard++ });
    await auth.flush();
    reports.begin(verifier);
    await waitFor(() => heard === 1);
  });
  afterEach(async () => {
    await reports.end();
    await verifier.close();
    await auth.close();
    await nats.close();
  });

  /** Waits until the verifier has read the requests, and auth the reports. */
  const send = async (count: number, request: string) => {
    for (let index = 0; index < count; index++) auth.publish(RECEIPT_REQUEST_SUBJECT, request);
    await auth.flush();
    await verifier.flush();
    await verifier.flush();
    await auth.flush();
  };
  const answersAgain = async () => {
    const before = heard;
    await waitFor(async () => {
      await send(1, REQUEST);
      return heard > before;
    });
  };

  it('answers each request at the rate of an honest auth service', async () => {
    for (let sent = 1; sent <= 20; sent++) {
      await send(1, REQUEST);
      await waitFor(() => heard >= 1 + sent);
    }
  });

  it('drops most of a flood unread, and answers again after it', async () => {
    const first = Math.floor(performance.now() / 1000);
    await send(20_000, REQUEST);
    const seconds = Math.floor(performance.now() / 1000) - first + 1;
    expect(heard).toBeLessThanOrEqual(1 + 200 * seconds);
    await answersAgain();
  });

  it.each([
    ['garbage', 'nonsense'],
    ['an empty message', ''],
    ['a request without members', '{}'],
    ['a request with an invalid number', '{"serial":-1,"withinMilliseconds":0}'],
    ['a message that is far too large', 'a'.repeat(40_000)],
  ])('ignores %s', async (_, request) => {
    await send(3, request);
    expect(heard).toBe(1);
    await answersAgain();
  });
});
