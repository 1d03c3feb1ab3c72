import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, eventVerifier, type RevocationFeed } from '@latchkey/deny-list-nats';
import { moment } from '@latchkey/load-generator';
import { createVerifier, type KeySetSource, type Verifier } from '@latchkey/verifier';
import { connect } from '@nats-io/transport-node';
import {
  LONGEST_WAIT_MILLISECONDS,
  type Reply,
  type Request,
  type VerifiersOptions,
} from './messages.js';

/** Concurrent connection attempts; a server accepts a limited number at the same time. */
const AT_ONCE = 50;
const AUDIENCE = 'orders';

const send = (reply: Reply) => process.send?.(reply);

/** Records the first moment of each verifier or connection, until all are there or the time is over. */
class Moments {
  #left = 0;
  #moments: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #seen = new Set<number>();

  begin(count: number): void {
    this.#left = count;
    this.#moments = [];
    this.#seen = new Set();
    this.#timer = setTimeout(() => this.#end(), LONGEST_WAIT_MILLISECONDS);
  }

  note(index: number): void {
    if (this.#left === 0 || this.#seen.has(index)) return;
    this.#seen.add(index);
    this.#moments.push(moment());
    if (--this.#left === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#left = 0;
    send({ type: 'moments', moments: this.#moments });
  }
}

/** Verifiers that share only a process and its copy of the key set. */
class Verifiers {
  readonly #verifiers: Verifier[] = [];
  readonly #feeds: RevocationFeed[] = [];
  readonly #refusals = new Moments();
  readonly #receipts = new Moments();
  #token: string | undefined;
  #connections = 0;

  async start({ count, issuer, nats, bareServer }: VerifiersOptions): Promise<void> {
    const jwks = fetch(`${issuer}/.well-known/jwks.json`).then((answer) => answer.json());
    const keys: KeySetSource = () => jwks as ReturnType<KeySetSource>;
    for (let started = 0; started < count; started += AT_ONCE) {
      const some = Math.min(AT_ONCE, count - started);
      await Promise.all(
        Array.from({ length: some }, async (_, index) => {
          await this.#startVerifier(started + index, { issuer, keys, nats });
          await this.#startConnection(started + index, bareServer);
        }),
      );
      send({ type: 'progress', started: started + some });
    }
  }

  /** @throws Error if a verifier does not accept the token */
  async watch(token: string): Promise<void> {
    this.#token = undefined;
    for (const verifier of this.#verifiers) await verifier.verify(token);
    this.#token = token;
    this.#refusals.begin(this.#verifiers.length);
  }

  async leave(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.close()));
  }

  listen(): void {
    this.#receipts.begin(this.#connections);
  }

  async #startVerifier(
    index: number,
    { issuer, keys, nats }: Pick<VerifiersOptions, 'issuer' | 'nats'> & { keys: KeySetSource },
  ): Promise<void> {
    const denyList = new DenyList();
    const verifier = createVerifier({
      issuer,
      audience: AUDIENCE,
      keys,
      revocations: denyList,
      whenStale: 'refuse',
    });
    await verifier.loadKeys();
    this.#verifiers[index] = verifier;
    const feed = createRevocationFeed({
      ...nats,
      denyList,
      verifyEvent: eventVerifier(verifier),
      onEvent: ({ type }) => {
        if (type === 'applied') void this.#checkRefusal(index);
      },
    });
    this.#feeds.push(feed);
    await feed.start();
  }

  /** Checks that the token is refused, instead of trusting the event. */
  async #checkRefusal(index: number): Promise<void> {
    const token = this.#token;
    if (token === undefined) return;
    const refused = await this.#verifiers[index]!.verify(token).then(
      () => false,
      (error: { code?: string }) => error.code === 'revoked',
    );
    if (refused) this.#refusals.note(index);
  }

  async #startConnection(index: number, servers: string): Promise<void> {
    const connection = await connect({ servers });
    connection.subscribe('bare', { callback: () => this.#receipts.note(index) });
    await connection.flush();
    this.#connections++;
  }
}

const verifiers = new Verifiers();

async function handle(request: Request): Promise<void> {
  if (request.type === 'start') await verifiers.start(request.options);
  else if (request.type === 'watch') await verifiers.watch(request.token);
  else if (request.type === 'leave') await verifiers.leave();
  else verifiers.listen();
  send({ type: 'ready' });
}

process.on('message', (request: Request) => {
  handle(request).catch((error: unknown) => send({ type: 'failed', message: String(error) }));
});
process.on('disconnect', () => process.exit());
