import { LIVE_SUBJECTS, storedSubject, WATERMARK_SUBJECT } from '@latchkey/contracts';
import { type LatchkeyStack, type ServiceProcess, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_AFTER_FAILURE_MILLISECONDS = 50;

/** A log-out that was answered, and so must not be lost. */
export interface AnsweredLogOut {
  readonly via: string;
  readonly token: string;
  readonly status: number;
  /** Undefined if the answer has no position. */
  readonly position: number | undefined;
  readonly answeredAt: number;
}

/** One user per auth replica, who logs in and out without a pause. */
export class LogOutFlow {
  readonly answered: AnsweredLogOut[] = [];
  #stopped = false;
  #lanes: Promise<unknown> = Promise.resolve();

  private constructor() {}

  static async begin(replicas: readonly ServiceProcess[]): Promise<LogOutFlow> {
    const flow = new LogOutFlow();
    const callers = await Promise.all(
      replicas.map(async ({ name, url }) => ({ name, user: await TestUser.register(url, name) })),
    );
    flow.#lanes = Promise.all(callers.map(({ name, user }) => flow.#run(name, user)));
    return flow;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#lanes;
  }

  /** Waits until the replica has published more log-outs. */
  async publishes(replica: ServiceProcess, count = 3): Promise<void> {
    const published = () =>
      this.answered.filter(({ via, status }) => via === replica.name && status === 204).length;
    const wanted = published() + count;
    await waitFor(() => published() >= wanted, {
      timeoutMs: 30_000,
      what: `${count} more log-outs answered with 204 by ${replica.name}`,
    });
  }

  async #run(via: string, user: TestUser): Promise<void> {
    while (!this.#stopped) {
      try {
        const { access_token: token } = await user.logIn();
        const { status, headers } = await user.logOut(token);
        const position = headers.get('revocation-position');
        this.answered.push({
          via,
          token,
          status,
          position: position === null ? undefined : Number(position),
          answeredAt: Date.now(),
        });
      } catch {
        // The replica is down, and nothing was promised without an answer.
        await delay(PAUSE_AFTER_FAILURE_MILLISECONDS);
      }
    }
  }
}

/** A watermark: the stream has every revocation up to `through` that was committed before its time. */
export interface HeardWatermark {
  readonly timeMilliseconds: number;
  readonly through: number;
}

/** Records the watermarks of all replicas. Does not verify signatures. */
export class WatermarkWatch {
  readonly heard: HeardWatermark[] = [];

  private constructor(private readonly connection: NatsConnection) {}

  static async begin(stack: LatchkeyStack): Promise<WatermarkWatch> {
    const connection = await connect({
      ...stack.natsCredentials('orders'),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    const watch = new WatermarkWatch(connection);
    connection.subscribe(LIVE_SUBJECTS, {
      callback: (error, message) => {
        if (error) throw error;
        if (storedSubject(message.subject) === WATERMARK_SUBJECT)
          watch.heard.push(readWatermark(message.string()));
      },
    });
    await connection.flush();
    return watch;
  }

  /** Waits for new watermarks. */
  async next(count = 2): Promise<void> {
    const now = Date.now();
    await waitFor(
      () => this.heard.filter(({ timeMilliseconds }) => timeMilliseconds > now).length >= count,
      { timeoutMs: 20_000, what: 'watermarks' },
    );
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

interface WatermarkClaims {
  readonly events: Readonly<
    Record<string, { readonly time_ms: number; readonly serials: { readonly through: number } }>
  >;
}

function readWatermark(event: string): HeardWatermark {
  const claims = Buffer.from(event.split('.')[1] ?? '', 'base64url').toString();
  const [watermark] = Object.values((JSON.parse(claims) as WatermarkClaims).events);
  if (!watermark) throw new Error('the watermark has no event');
  return { timeMilliseconds: watermark.time_ms, through: watermark.serials.through };
}
