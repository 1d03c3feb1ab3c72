import { SessionStoreUnavailableError } from '@latchkey/sessions';
import { createClient, type RedisClientOptions } from '@redis/client';

type Client = ReturnType<typeof makeClient>;

export interface RedisConnectionOptions {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. */
  readonly url: string;
  /** Certificate authorities in PEM for `rediss://`. Default: those of the system. */
  readonly ca?: string;
  /** Time limit for connecting and for each command. Default 2,000. */
  readonly timeoutMilliseconds?: number;
  /** Called for errors of the connection, which reconnects on its own. */
  readonly onError?: (cause: unknown) => void;
}

const TIMEOUT_MILLISECONDS = 2_000;

/** Creates a client that fails commands while it is disconnected, instead of queueing them. */
function makeClient({ url, ca, timeoutMilliseconds, onError }: RedisConnectionOptions) {
  const options = {
    url,
    disableOfflineQueue: true,
    // Disable the client's own timeout: it ends once the command is written, and costs a timer and an
    // Error per command.
    commandOptions: { timeout: 0 },
    socket: {
      ...(ca !== undefined && { ca }),
      connectTimeout: timeoutMilliseconds ?? TIMEOUT_MILLISECONDS,
    },
  } satisfies RedisClientOptions;
  return createClient(options).on('error', (cause) => onError?.(cause));
}

/**
 * A connection that reconnects on its own, with the client's own back-off (50 ms to 2 s, with jitter), and that
 * limits the time of each command until its reply. The client's timeout ends once a command is sent, so a server
 * that hangs would block requests forever.
 */
export class RedisConnection {
  #client: Client | undefined;
  #closed = false;

  constructor(private readonly options: RedisConnectionOptions) {}

  /** Starts connecting in the background. Commands fail until the connection is ready. */
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
      return await this.#withTimeout(client, command(client));
    } catch (cause) {
      throw new SessionStoreUnavailableError({ cause });
    }
  }

  async #withTimeout<Reply>(client: Client, reply: Promise<Reply>): Promise<Reply> {
    const { timeoutMilliseconds: limit = TIMEOUT_MILLISECONDS } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`Redis did not answer within ${limit} ms`));
        // Replies come in order, so a command that hangs blocks all later ones on this connection.
        if (client === this.#client) this.#renew();
      }, limit);
    });
    try {
      return await Promise.race([reply, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  #renew(): void {
    if (this.#client?.isOpen) this.#client.destroy();
    if (this.#closed) return;
    this.#client = makeClient(this.options);
    this.#client.connect().catch((cause: unknown) => this.options.onError?.(cause));
  }
}
