import { RECEIPT_REQUEST_SUBJECT, VERIFIER_REPORT_SUBJECTS } from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import { startTestNats, waitFor, type TestNats } from '@latchkey/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { VerifierReports } from './verifier-reports.js';

const QUESTION = JSON.stringify({ serial: 0, withinMilliseconds: 0 });

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

  /** Until the verifier has read them, and auth what it said. */
  const ask = async (questions: number, question: string) => {
    for (let index = 0; index < questions; index++) auth.publish(RECEIPT_REQUEST_SUBJECT, question);
    await auth.flush();
    await verifier.flush();
    await verifier.flush();
    await auth.flush();
  };
  const answeredAgain = async () => {
    const before = heard;
    await waitFor(async () => {
      await ask(1, QUESTION);
      return heard > before;
    });
  };

  it('answer each question at the rate of an honest auth service', async () => {
    for (let asked = 1; asked <= 20; asked++) {
      await ask(1, QUESTION);
      await waitFor(() => heard === 1 + asked);
    }
  });

  it('do not even read most of a flood, and answer again after it', async () => {
    const first = Math.floor(performance.now() / 1000);
    await ask(20_000, QUESTION);
    const seconds = Math.floor(performance.now() / 1000) - first + 1;
    expect(heard).toBeLessThanOrEqual(1 + 200 * seconds);
    await answeredAgain();
  });

  it.each([
    ['nonsense', 'nonsense'],
    ['nothing', ''],
    ['a question without members', '{}'],
    ['a question about no number', '{"serial":-1,"withinMilliseconds":0}'],
    ['far too much', 'a'.repeat(40_000)],
  ])('take no notice of %s', async (_, question) => {
    await ask(3, question);
    expect(heard).toBe(1);
    await answeredAgain();
  });
});
