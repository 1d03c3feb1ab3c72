import { SessionStoreUnavailableError } from '@latchkey/sessions';
import { createClient, type RedisClientOptions } from '@redis/client';

type Client = ReturnType<typeof makeClient>;

export interface RedisConnectionOptions {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. */
  readonly url: string;
  /** Certificate authorities in PEM for `rediss://`, in place of those of the system. */
  readonly ca?: string;
  /** How long it may take to connect, and a command to be answered. Default 2,000. */
  readonly timeoutMilliseconds?: number;
  /** What went wrong with the connection; it is renewed by itself. */
  readonly onTrouble?: (cause: unknown) => void;
}

const TIMEOUT_MILLISECONDS = 2_000;
const LAST_RETRY_MILLISECONDS = 1_000;

/** Whatever is sent to a server that is away fails now; nothing is kept for when it is back. */
function makeClient({ url, ca, timeoutMilliseconds, onTrouble }: RedisConnectionOptions) {
  const options = {
    url,
    disableOfflineQueue: true,
    // Its own limit, of which nothing is left once a command is written, costs a timer and an Error per command.
    commandOptions: { timeout: 0 },
    socket: {
      ...(ca !== undefined && { ca }),
      connectTimeout: timeoutMilliseconds ?? TIMEOUT_MILLISECONDS,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, LAST_RETRY_MILLISECONDS),
    },
  } satisfies RedisClientOptions;
  return createClient(options).on('error', (cause) => onTrouble?.(cause));
}

/**
 * A connection that is there again when the server is. The client's own time limit ends when a command
 * has been sent: a server that hangs would hold every request for as long as it likes.
 */
export class RedisConnection {
  #client: Client | undefined;
  #closed = false;

  constructor(private readonly options: RedisConnectionOptions) {}

  /** Begins to connect; before that is done commands fail. */
  open(): void {
    this.#closed = false;
    this.#renew();
  }

  close(): void {
    this.#closed = true;
    this.#client?.destroy();
    this.#client = undefined;
  }

  /** @throws SessionStoreUnavailableError */
  async run<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply> {
    const client = this.#client;
    if (!client?.isReady) throw new SessionStoreUnavailableError();
    try {
      return await this.#inTime(client, command(client));
    } catch (cause) {
      throw new SessionStoreUnavailableError({ cause });
    }
  }

  async #inTime<Reply>(client: Client, reply: Promise<Reply>): Promise<Reply> {
    const { timeoutMilliseconds: limit = TIMEOUT_MILLISECONDS } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`Redis did not answer within ${limit} ms`));
        // Replies come in order: what hangs holds up all that follow on this connection.
        if (client === this.#client) this.#renew();
      }, limit);
    });
    try {
      return await Promise.race([reply, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #renew(): void {
    if (this.#client?.isOpen) this.#client.destroy();
    if (this.#closed) return;
    this.#client = makeClient(this.options);
    this.#client.connect().catch((cause: unknown) => this.options.onTrouble?.(cause));
  }
}
