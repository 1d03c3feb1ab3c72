import { RECEIPT_REQUEST_SUBJECT, verifierReportSubject } from '@latchkey/contracts';
import { waitFor, type TestNats } from '@latchkey/testing';
import type { NatsUser } from '@latchkey/local-stack';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { useAuth } from '../../../test/auth-testbed.js';
import { REQUEST_INTERVAL_MILLISECONDS } from './receipts.js';
import { VerifierDirectory } from './verifier-directory.js';

/** Reported by a verifier that has applied everything. */
const ALL = Number.MAX_SAFE_INTEGER;
/** Allows for the 5 s for which a flooding user is ignored. */
const AFTER_MUTE = { timeoutMs: 30_000 };

/** The wire protocol of a verifier, without the verifier. */
class Reporter {
  readonly #subject: string;
  asked = 0;

  private constructor(
    private readonly connection: NatsConnection,
    user: string,
    private through: number,
  ) {
    this.#subject = verifierReportSubject(user, randomUUID())!;
    connection.subscribe(RECEIPT_REQUEST_SUBJECT, {
      callback: () => {
        this.asked++;
        this.report();
      },
    });
  }

  static async start(nats: TestNats, through: number, user: NatsUser = 'orders') {
    const connection = await connect(nats.credentials(user));
    const reporter = new Reporter(connection, user, through);
    reporter.report();
    await connection.flush();
    return reporter;
  }

  report(data: unknown = { through: this.through }): void {
    this.connection.publish(this.#subject, JSON.stringify(data));
  }

  /** Reports made-up verifiers, as anyone with the password can. */
  async invent(verifiers: number, data: unknown): Promise<void> {
    const report = JSON.stringify(data);
    for (let index = 0; index < verifiers; index++)
      this.connection.publish(verifierReportSubject('orders', `invented-${index}`)!, report);
    await this.connection.flush();
  }

  async repeat(times: number): Promise<void> {
    for (let index = 0; index < times; index++) this.report();
    await this.connection.flush();
  }

  async leave(): Promise<void> {
    this.report({ through: this.through, leaving: true });
    await this.connection.drain();
  }
}

describe('receipts', () => {
  const ada = 'ada';
  const testbed = useAuth({ users: [ada] });
  const { auth } = testbed;
  let reporters: Reporter[];

  beforeEach(() => {
    reporters = [];
  });
  afterEach(async () => {
    await Promise.all(reporters.map((reporter) => reporter.leave()));
    await known(0);
  });

  const logOut = async (query: string) => {
    const { access_token: token } = await auth.logIn(ada);
    return auth.post(`/logout${query}`, { token });
  };
  const directory = () => auth.service.app.get(VerifierDirectory);
  const known = (count: number) => waitFor(() => directory().known().size === count, AFTER_MUTE);
  const start = async (...through: number[]) => {
    reporters = await Promise.all(through.map((each) => Reporter.start(testbed.nats, each)));
    await known(through.length);
  };

  it('count the known verifiers and those that have applied the log-out', async () => {
    await start(ALL, ALL, ALL);
    const answer = await logOut('?confirm=2000');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ known: 3, applied: 3, slowestMs: expect.any(Number) });
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
  });

  it('wait no longer than requested, and count verifiers that have not applied it', async () => {
    await start(ALL, 7);
    const { body } = await logOut('?confirm=100');
    expect(body).toEqual({ known: 2, applied: 1, slowestMs: expect.any(Number) });
  });

  it('ask a verifier that has not applied it, and count its answer', async () => {
    await start(7);
    const [late] = reporters;
    const answered = logOut('?confirm=5000');
    await waitFor(() => late!.asked > 0);
    late!.report({ through: ALL });
    expect((await answered).body).toMatchObject({ known: 1, applied: 1 });
  });

  it('do not wait for a verifier that leaves', async () => {
    await start(7);
    const answered = logOut('?confirm=5000');
    await waitFor(() => reporters[0]!.asked > 0);
    await reporters[0]!.leave();
    reporters = [];
    expect((await answered).body).toEqual({ known: 0, applied: 0, slowestMs: null });
  });

  it('count 0 if no verifier is known', async () => {
    const answer = await logOut('?confirm=5000');
    expect(answer).toMatchObject({ status: 200, body: { known: 0, applied: 0, slowestMs: null } });
  });

  it('share requests among concurrent log-outs', async () => {
    const tokens: string[] = [];
    while (tokens.length < 15) tokens.push((await auth.logIn(ada)).access_token);
    await start(7);
    const started = performance.now();
    const answers = await Promise.all(
      tokens.map((token) => auth.post('/logout?confirm=300', { token })),
    );
    const intervals = (performance.now() - started) / REQUEST_INTERVAL_MILLISECONDS;
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ known: 1, applied: 0 });
    }
    expect(reporters[0]!.asked).toBeLessThanOrEqual(intervals + 2);
  });

  /** Sends a report followed by a valid one with serial 8, and returns the accepted serials. */
  const acceptedSerials = async (data: unknown) => {
    const serials: (number | undefined)[] = [];
    const stop = directory().onReport((_, through) => void serials.push(through));
    reporters[0]!.report(data);
    reporters[0]!.report({ through: 8 });
    await waitFor(() => serials.includes(8));
    stop();
    return serials;
  };

  it.each([
    { leaving: true },
    { through: String(ALL) },
    { through: ALL, version: 2 },
    { through: ALL, leaving: 'soon' },
    { through: 9.5 },
    { through: -2 },
    [{ through: ALL }],
    'nonsense',
    null,
  ])('ignore the report %j', async (data) => {
    await start(7);
    expect(await acceptedSerials(data)).toEqual([8]);
    expect((await logOut('?confirm=50')).body).toMatchObject({ known: 1, applied: 0 });
  });

  it('ignore unknown members, which later releases may add (ADR 0029)', async () => {
    await start(7);
    expect(await acceptedSerials({ through: 9, more: true, serial: 'x' })).toEqual([9, 8]);
  });

  it('count the verifiers of one service although another reports made-up ones', async () => {
    await start(7);
    const [forger] = reporters;
    await forger!.invent(10_001, { through: -1 });
    await waitFor(() => auth.log.text.includes('more verifiers than the limit'));
    const honest = await Reporter.start(testbed.nats, ALL, 'payments');
    reporters.push(honest);
    await waitFor(() => directory().known().size === 2_001);
    expect((await logOut('?confirm=50')).body).toMatchObject({ known: 2_001, applied: 1 });
    await forger!.invent(2_000, { through: -1, leaving: true });
    await known(2);
  });

  it.each([
    ['reports', { through: 7 }],
    ['nonsense', 'nonsense'],
  ])('count the verifiers of one service while another floods with %s', async (_, data) => {
    const honest = await Reporter.start(testbed.nats, ALL, 'payments');
    reporters = [honest];
    await known(1);
    const flooder = await Reporter.start(testbed.nats, 7);
    let flooding = true;
    const flood = (async () => {
      while (flooding) await flooder.invent(5_000, data);
    })();
    const { body } = await logOut('?confirm=2000');
    flooding = false;
    await flood;
    expect(body).toMatchObject({ applied: 1 });
    await waitFor(async () => {
      await flooder.invent(2_000, { through: 7, leaving: true });
      flooder.report({ through: 7, leaving: true });
      return directory().known().size === 1;
    }, AFTER_MUTE);
    await flooder.leave();
  });

  it.each(['0', '-1', '5001', '1.5', 'soon', ''])('refuse confirm=%s with 400', async (confirm) => {
    const answer = await logOut(`?confirm=${confirm}`);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'confirm' }] } });
  });

  it('ignore a flooding user for a while, but not others, and log-outs continue', async () => {
    const heard = (user: string) =>
      [...directory().known().keys()].some((n) => n.includes(`.${user}.`));
    const inventory = await Reporter.start(testbed.nats, ALL, 'inventory');
    await waitFor(() => heard('inventory'));
    const payments = await Reporter.start(testbed.nats, ALL, 'payments');
    reporters.push(payments);
    const flooded = () => auth.log.text.includes('"user":"payments","msg":"a NATS user floods');
    while (!flooded()) await payments.repeat(5_000);
    // NATS no longer delivers the reports of this user.
    for (let round = 0; round < 10; round++) await payments.repeat(5_000);
    expect((await logOut('')).status).toBe(204);
    await inventory.leave();
    await waitFor(() => !heard('inventory'));
    // Afterwards its reports count again.
    await waitFor(
      async () => {
        payments.report({ through: 4_711 });
        await payments.repeat(0);
        return [...directory().known().values()].includes(4_711);
      },
      { timeoutMs: 20_000 },
    );
  });

  it('confirm repeated log-outs and log-outs of all sessions', async () => {
    await start(ALL);
    const { access_token: token } = await auth.logIn(ada);
    await auth.post('/logout', { token });
    const again = await auth.post('/logout?confirm=2000', { token });
    expect(again).toMatchObject({ status: 200, body: { known: 1, applied: 1 } });
    const { access_token: other } = await auth.logIn(ada);
    const all = await auth.post('/logout/everywhere?confirm=2000', { token: other });
    expect(all).toMatchObject({ status: 200, body: { known: 1, applied: 1 } });
  });
});
