import type { NatsConnection } from '@nats-io/transport-node';
import type { LiveMessages } from './live-messages.js';
import { RevocationStreamReader } from './revocation-stream-reader.js';
import type { SnapshotLoader } from './snapshot-loader.js';
import type { StreamFollower } from './stream-follower.js';
import type { StoredState } from './stream-state.js';
import type { VerifierReports } from './verifier-reports.js';

/** What a {@link CatchUp} works with. */
export interface CatchUpParts {
  readonly follower: StreamFollower;
  readonly snapshots: SnapshotLoader;
  readonly live: LiveMessages;
  readonly reports: VerifierReports;
  readonly signal: AbortSignal;
  /** Called for each message that was read. */
  readonly onActivity: () => void;
}

/** Reads what is missing, in order, until the end of the stream, over one connection. */
export class CatchUp {
  #reader: RevocationStreamReader | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly inboxPrefix: string,
    private readonly parts: CatchUpParts,
  ) {}

  /** @throws if the stream cannot be read, or no event can be verified */
  async run(): Promise<void> {
    const { follower, live, reports, signal, onActivity } = this.parts;
    // Subscribe before reading, so that no message falls between the two.
    live.listen(this.connection);
    reports.begin(this.connection);
    this.#reader ??= await RevocationStreamReader.open(this.connection, this.inboxPrefix);
    const reader = this.#reader;
    const { state, from } = await this.#begin(reader);
    if (state.lastSequence >= from) {
      for await (const message of reader.from(from, state)) {
        if (signal.aborted) return;
        await follower.takeStored(message);
        onActivity();
      }
    }
    follower.reachedEnd(state);
  }

  /** Ends a read in progress, because the connection broke. */
  interrupt(): void {
    this.#reader?.interrupt();
  }

  async #begin(reader: RevocationStreamReader): Promise<{ state: StoredState; from: number }> {
    const { follower, snapshots } = this.parts;
    let state = await reader.state();
    const snapshot = await snapshots.load(state.messages);
    if (!snapshot)
      return { state, from: await follower.resume(state, (sequence) => reader.at(sequence)) };
    // The snapshot's position refers to the stream as it is after the download.
    state = await reader.state();
    return { state, from: follower.resumeFromSnapshot(snapshot, state) };
  }
}
