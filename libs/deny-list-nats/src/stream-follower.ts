import { WATERMARK_SUBJECT, type SnapshotClaims, type Watermark } from '@latchkey/contracts';
import { DeferredEvents } from './deferred-events.js';
import type { FeedEvent, RevocationFeedOptions } from './feed-options.js';
import { readSignedEvent, type StreamMessage } from './signed-event-reader.js';

/** What the server says about the stream; none of it is signed. */
export interface StreamState {
  /** Names this incarnation of the stream. */
  readonly epoch: string;
  readonly lastSequence: number;
}

type Source = 'stored' | 'live';

/**
 * Applies what is on the stream, and knows how far it has come. It trusts the stream with nothing: a
 * revocation counts for its signature, in whatever order it comes, and whether the list is complete
 * is decided by the serial numbers that a signed watermark asks for. Sequences only say what to read.
 */
export class StreamFollower {
  /** Something was missed, or may have been: read the stream. */
  behind = true;
  #position = 0;
  #epoch: string | undefined;
  #issuer: string | undefined;
  #gapOpen = false;
  #incomplete = false;
  #refused = 0;
  #gapsRepaired = 0;
  #freshAt = -Infinity;
  readonly #deferred = new DeferredEvents(({ subject }) => this.refuse('unknown_key', subject));

  constructor(
    private readonly options: Pick<RevocationFeedOptions, 'denyList' | 'verifyEvent'>,
    private readonly tell: (event: FeedEvent) => void,
  ) {}

  /** Stream sequence up to which everything has been read. */
  get position(): number {
    return this.#position;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** Whose watermarks these are; undefined before the first. */
  get issuer(): string | undefined {
    return this.#issuer;
  }

  /** When the list was last known to be complete, by `performance.now()`. */
  get freshAt(): number {
    return this.#freshAt;
  }

  /** A watermark asked for what is not here, although all of the stream was read. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  get hasDeferred(): boolean {
    return !this.#deferred.empty;
  }

  get counts(): { readonly eventsRefused: number; readonly gapsRepaired: number } {
    return { eventsRefused: this.#refused, gapsRepaired: this.#gapsRepaired };
  }

  /** @returns the sequence to read on from */
  resume({ epoch, lastSequence }: StreamState): number {
    if (epoch !== this.#epoch || lastSequence < this.#position) this.#beginEpoch(epoch);
    // A broker that left something out the first time is asked for all of it again.
    if (this.#incomplete) this.#position = 0;
    this.behind = false;
    return this.#position + 1;
  }

  /**
   * A snapshot's entries are in the list, so that what is numbered up to there is settled, and the
   * stream is needed only for what came later.
   */
  resumeFromSnapshot(snapshot: SnapshotClaims, { epoch, lastSequence }: StreamState): number {
    // Before its numbers are taken in: another count would begin without them.
    if (epoch !== this.#epoch || lastSequence < this.#position) this.#beginEpoch(epoch);
    const { iss: issuer, time_ms: timeMilliseconds, through } = snapshot;
    const serials = { from: through + 1, through };
    this.options.denyList.applyWatermark({ issuer, timeMilliseconds, serials, revokedKeys: [] });
    this.#issuer = issuer;
    this.#incomplete = false;
    this.#position = epoch === snapshot.epoch ? Math.min(snapshot.position, lastSequence) : 0;
    this.behind = false;
    return this.#position + 1;
  }

  async takeStored(message: StreamMessage): Promise<void> {
    await this.#apply(message, 'stored', { inOrder: true });
    this.#position = message.sequence;
  }

  /** Everything up to there was read. What it no longer holds was replaced by itself or has expired. */
  reachedEnd({ lastSequence }: StreamState): void {
    this.#position = Math.max(this.#position, lastSequence);
    if (this.#gapOpen) this.#gapsRepaired++;
    this.#gapOpen = false;
  }

  async takeLive(message: StreamMessage): Promise<void> {
    const { sequence } = message;
    const next = this.#position + 1;
    const inOrder = sequence === next;
    const effective = await this.#apply(message, 'live', { inOrder });
    if (sequence > next) this.noteGap();
    // Headers are not signed: what lies on the stream at this place is for the stream to say.
    else if (!effective) this.behind = true;
    else if (inOrder) this.#position = sequence;
  }

  /** Live messages were lost. Those that follow are part of the same gap until it has been read. */
  noteGap(): void {
    this.behind = true;
    if (this.#gapOpen) return;
    this.#gapOpen = true;
    this.tell({ type: 'gap', from: this.#position + 1 });
  }

  refuse(reason: string, subject: string): void {
    this.#refused++;
    this.tell({ type: 'refused', reason, subject });
  }

  /** Tries again what was signed with a key that was not known. */
  async tryDeferred(): Promise<void> {
    await this.#deferred.retry((message) => this.#apply(message, 'stored', { inOrder: false }));
  }

  #beginEpoch(epoch: string): void {
    if (this.#epoch !== undefined) this.tell({ type: 'new_epoch', epoch });
    // The deny-list keeps what it knows: another stream never un-denies anybody.
    this.#epoch = epoch;
    this.#position = 0;
    this.options.denyList.restartSerials();
  }

  /** @returns false when the message has no effect, neither now nor later */
  async #apply(
    message: StreamMessage,
    source: Source,
    { inOrder }: { inOrder: boolean },
  ): Promise<boolean> {
    const { subject, sequence } = message;
    const outcome = await readSignedEvent(message, this.options.verifyEvent);
    if (outcome.type === 'unavailable') throw outcome.cause;
    // The next watermark is a second away.
    if (outcome.type === 'unknown_key' && subject !== WATERMARK_SUBJECT) {
      this.#deferred.add(message);
      return true;
    }
    this.#deferred.settle(subject);
    if (outcome.type !== 'message') {
      this.refuse(outcome.type === 'refused' ? outcome.reason : outcome.type, subject);
      return false;
    }
    if (outcome.message.type === 'watermark') {
      await this.#applyWatermark(outcome.message.watermark, { sequence, inOrder });
      return true;
    }
    const { revocation, serial } = outcome.message;
    this.options.denyList.apply(revocation, serial);
    const { kind, id, revokedAtMilliseconds } = revocation;
    const when = revokedAtMilliseconds !== undefined && { revokedAtMilliseconds };
    this.tell({ type: 'applied', kind, id, serial, sequence, live: source === 'live', ...when });
    return true;
  }

  /** One that is not of this place of this stream says nothing about what was read of it. */
  async #applyWatermark(
    watermark: Watermark,
    { sequence, inOrder }: { sequence: number; inOrder: boolean },
  ): Promise<void> {
    if (!inOrder || watermark.epoch !== this.#epoch || watermark.position >= sequence) {
      this.behind = true;
      return;
    }
    this.#issuer = watermark.issuer;
    // The key that it is signed with may be the very one that others were waiting for.
    await this.tryDeferred();
    const missing = this.options.denyList.applyWatermark(watermark);
    if (missing > 0 && !this.#incomplete) this.tell({ type: 'incomplete', missing });
    this.#incomplete = missing > 0;
    if (missing === 0) this.#freshAt = performance.now();
  }
}
