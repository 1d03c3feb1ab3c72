import {
  WATERMARK_SUBJECT,
  type FeedMessage,
  type SnapshotClaims,
  type Watermark,
} from '@latchkey/contracts';
import { appliedRevocations } from '@latchkey/contracts/diagnostics';
import { Checkpoint } from './checkpoint.js';
import { DeferredEvents } from './deferred-events.js';
import type { FeedMachine } from './feed-machine.js';
import type { FeedEvent, RevocationFeedOptions } from './feed-options.js';
import { readSignedEvent, type StreamMessage } from './signed-event-reader.js';
import type { ReadStored, StreamState } from './stream-state.js';

/** How a message arrived. */
interface Arrival {
  readonly source: 'stored' | 'live';
  /** Whether it directly follows what was read before. */
  readonly inOrder: boolean;
  /** Whether its number belongs to the stream that is being followed. */
  readonly counts: boolean;
}

/**
 * Applies the messages of the stream, and tracks how far it has come. It does not trust the stream: a
 * revocation counts because of its signature, in whatever order it arrives, and only the serial numbers that
 * a signed watermark requires decide whether the list is complete. Sequences only say what to read.
 */
export class StreamFollower {
  #sequence = 0;
  #epoch: string | undefined;
  #issuer: string | undefined;
  #gapOpen = false;
  #incomplete = false;
  #refused = 0;
  #gapsRepaired = 0;
  #freshAt = -Infinity;
  readonly #checkpoint = new Checkpoint((sequence) =>
    this.emit({ type: 'checkpoint_lost', sequence }),
  );
  readonly #deferred = new DeferredEvents(({ subject }) => this.refuse('unknown_key', subject));

  constructor(
    private readonly options: Pick<RevocationFeedOptions, 'denyList' | 'verifyEvent'>,
    private readonly machine: FeedMachine,
    private readonly emit: (event: FeedEvent) => void,
  ) {}

  /** The sequence up to which the stream has been read. */
  get sequence(): number {
    return this.#sequence;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The issuer of the watermarks; undefined before the first. */
  get issuer(): string | undefined {
    return this.#issuer;
  }

  /** When the list was last complete, by `performance.now()`. */
  get freshAt(): number {
    return this.#freshAt;
  }

  /** Whether a watermark required numbers that the stream lacks. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  get hasDeferred(): boolean {
    return !this.#deferred.empty;
  }

  get counts(): { readonly eventsRefused: number; readonly gapsRepaired: number } {
    return { eventsRefused: this.#refused, gapsRepaired: this.#gapsRepaired };
  }

  /** @returns the sequence to continue from */
  async resume(state: StreamState, read: ReadStored): Promise<number> {
    // First, so that a connection that breaks during the comparison leads to another read.
    this.machine.handle('reading');
    if (this.#isAnother(state)) this.#beginEpoch(state.epoch);
    else if (!(await this.#isContinued(state, read))) this.#startOver();
    // The broker may have left something out the first time.
    if (this.#incomplete) this.#sequence = 0;
    this.#deferred.invalidateNumbers();
    return this.#sequence + 1;
  }

  /**
   * Continues after a snapshot, whose entries are in the list already: it settles the numbers up to its
   * own, and the stream is needed only for later ones.
   *
   * @returns the sequence to continue from
   */
  resumeFromSnapshot(snapshot: SnapshotClaims, state: StreamState): number {
    const { epoch, lastSequence } = state;
    // First, because a new epoch would discard the numbers that the snapshot settles.
    if (this.#isAnother(state)) this.#beginEpoch(epoch);
    else this.#startOver();
    const { iss: issuer, time_ms: timeMilliseconds, through } = snapshot;
    const serials = { from: through + 1, through };
    this.options.denyList.applyWatermark({ issuer, timeMilliseconds, serials, revokedKeys: [] });
    this.#issuer = issuer;
    this.#incomplete = false;
    this.#sequence = epoch === snapshot.epoch ? Math.min(snapshot.position, lastSequence) : 0;
    this.#deferred.invalidateNumbers();
    this.machine.handle('reading');
    return this.#sequence + 1;
  }

  async takeStored(message: StreamMessage): Promise<void> {
    await this.#apply(message, { source: 'stored', inOrder: true, counts: true });
    this.#advanceTo(message);
  }

  /** Called when all was read. Sequences without a message were replaced or have expired. */
  reachedEnd({ lastSequence }: StreamState): void {
    this.#sequence = Math.max(this.#sequence, lastSequence);
    if (this.#gapOpen) this.#gapsRepaired++;
    this.#gapOpen = false;
    this.machine.handle('reached_end');
  }

  /** Applies a revocation without its number, which counts only when the message is taken in order. */
  async deny(message: Pick<StreamMessage, 'subject' | 'data'>): Promise<void> {
    const outcome = await readSignedEvent(message, this.options.verifyEvent);
    if (outcome.type === 'message' && outcome.message.type === 'revocation')
      this.options.denyList.apply(outcome.message.revocation);
  }

  async takeLive(message: StreamMessage): Promise<void> {
    const { sequence } = message;
    const next = this.#sequence + 1;
    const isFollowing = this.machine.phase === 'following';
    const inOrder = isFollowing && sequence === next;
    // Out of order, it may be from a stream that was restored since: it revokes, but does not count.
    const effective = await this.#apply(message, { source: 'live', inOrder, counts: inOrder });
    if (!isFollowing) return;
    if (sequence > next) this.noteGap();
    // Its headers are not signed, so read what the stream really holds at this sequence.
    else if (!effective) this.machine.handle('missed');
    else if (inOrder) this.#advanceTo(message);
  }

  /** Called when live messages were lost. Until the stream is read, it is one gap. */
  noteGap(): void {
    this.machine.handle('missed');
    if (this.#gapOpen) return;
    this.#gapOpen = true;
    this.emit({ type: 'gap', from: this.#sequence + 1 });
  }

  refuse(reason: string, subject: string): void {
    this.#refused++;
    this.emit({ type: 'refused', reason, subject });
  }

  /** Retries the events whose key was unknown. */
  async tryDeferred(): Promise<void> {
    await this.#deferred.retry((message, counts) =>
      this.#apply(message, { source: 'stored', inOrder: false, counts }),
    );
  }

  #advanceTo(message: StreamMessage): void {
    this.#sequence = message.sequence;
    this.#checkpoint.noteRead(message);
  }

  #isAnother({ epoch, lastSequence }: StreamState): boolean {
    return epoch !== this.#epoch || lastSequence < this.#sequence;
  }

  #isContinued(state: StreamState, read: ReadStored): Promise<boolean> {
    const issuer = this.#issuer;
    const through = issuer === undefined ? -1 : this.options.denyList.appliedThrough(issuer);
    return this.#checkpoint.isOn(state, through, read);
  }

  #beginEpoch(epoch: string): void {
    if (this.#epoch !== undefined) this.emit({ type: 'new_epoch', epoch });
    this.#epoch = epoch;
    this.#startOver();
  }

  /** The deny-list keeps its entries: another stream never restores a revoked token. */
  #startOver(): void {
    this.#sequence = 0;
    this.#checkpoint.clear();
    this.options.denyList.restartSerials();
  }

  /** @returns false if the message has no effect, neither now nor later */
  async #apply(message: StreamMessage, { source, inOrder, counts }: Arrival): Promise<boolean> {
    const { subject, sequence } = message;
    const outcome = await readSignedEvent(message, this.options.verifyEvent);
    if (outcome.type === 'unavailable') throw outcome.cause;
    // An unknown key does not matter for a watermark, because the next one is a second away.
    if (outcome.type === 'unknown_key' && subject !== WATERMARK_SUBJECT) {
      this.#deferred.add(message, counts);
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
    this.#applyRevocation(outcome.message, message, { source, counts });
    return true;
  }

  #applyRevocation(
    { revocation, serial }: Extract<FeedMessage, { type: 'revocation' }>,
    message: StreamMessage,
    { source, counts }: Omit<Arrival, 'inOrder'>,
  ): void {
    const { denyList } = this.options;
    denyList.apply(revocation, counts ? serial : undefined);
    if (counts) this.#checkpoint.noteCounted(serial, message);
    const { sequence, trace } = message;
    const { kind, id, revokedAtMilliseconds } = revocation;
    const when = revokedAtMilliseconds !== undefined && { revokedAtMilliseconds };
    const live = source === 'live';
    this.emit({ type: 'applied', kind, id, serial, sequence, live, ...when });
    // Until the list is loaded, no token is accepted, so a replay is not the end of a log-out's trace.
    if (trace && denyList.loaded) appliedRevocations.publish({ kind, serial, live, ...trace });
  }

  /** Only a watermark that belongs to this place of this stream proves that it was read completely. */
  async #applyWatermark(
    watermark: Watermark,
    { sequence, inOrder }: { sequence: number; inOrder: boolean },
  ): Promise<void> {
    if (!inOrder || watermark.epoch !== this.#epoch || watermark.sequence >= sequence) {
      this.machine.handle('missed');
      return;
    }
    this.#issuer = watermark.issuer;
    // Its key may be the one that other events are waiting for.
    await this.tryDeferred();
    const missing = this.options.denyList.applyWatermark(watermark);
    if (missing > 0 && !this.#incomplete) this.emit({ type: 'incomplete', missing });
    this.#incomplete = missing > 0;
    if (missing === 0) this.#freshAt = performance.now();
  }
}
