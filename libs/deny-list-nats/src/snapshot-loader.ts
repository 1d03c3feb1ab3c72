import type { SnapshotClaims } from '@latchkey/contracts';
import type { FeedEvent, RevocationFeedOptions } from './feed-options.js';
import { warningEvent } from './feed-warnings.js';
import { downloadSnapshot, entryCount } from './snapshot-download.js';
import { readSnapshotSource, type SnapshotEndpoint } from './snapshot-source.js';
import type { StreamFollower } from './stream-follower.js';

/** A stream with fewer messages is read about as fast, and that does not burden the auth service. */
const MIN_MESSAGES = 5_000;

/** What a {@link SnapshotLoader} works with. */
export interface SnapshotLoaderParts {
  readonly follower: Pick<StreamFollower, 'incomplete' | 'issuer'>;
  readonly signal: AbortSignal;
  readonly onActivity: () => void;
  readonly emit: (event: FeedEvent) => void;
}

/** Fills the deny-list from a snapshot if the stream is long at the start, or lacks revocations. */
export class SnapshotLoader {
  readonly #endpoint: SnapshotEndpoint | undefined;
  #isDownloading = false;

  constructor(
    private readonly options: RevocationFeedOptions,
    private readonly parts: SnapshotLoaderParts,
  ) {
    this.#endpoint = options.snapshot && readSnapshotSource(options.snapshot);
  }

  get isDownloading(): boolean {
    return this.#isDownloading;
  }

  /** @returns undefined if no snapshot is needed or it cannot be used; the stream remains */
  async load(messagesOnStream: number): Promise<SnapshotClaims | undefined> {
    const endpoint = this.#endpoint;
    const { verifySnapshot: verify, denyList } = this.options;
    const { follower, signal, onActivity, emit } = this.parts;
    const isLargeStart = !denyList.loaded && messagesOnStream > MIN_MESSAGES;
    if (!endpoint || !verify || !(isLargeStart || follower.incomplete)) return undefined;
    const { issuer } = follower;
    const startedAt = performance.now();
    this.#isDownloading = true;
    try {
      const claims = await downloadSnapshot(endpoint, { denyList, verify, issuer, signal });
      const milliseconds = performance.now() - startedAt;
      emit({ type: 'snapshot', entries: entryCount(claims), milliseconds });
      return claims;
    } catch (cause) {
      if (!signal.aborted) emit(warningEvent('snapshot', cause));
      return undefined;
    } finally {
      this.#isDownloading = false;
      onActivity();
    }
  }
}
