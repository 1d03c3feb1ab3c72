import {
  WATERMARK_SUBJECT,
  type FeedMessage,
  type SnapshotClaims,
  type Watermark,
} from '@latchkey/contracts';
import { DeferredEvents } from './deferred-events.js';
import type { FeedEvent, RevocationFeedOptions } from './feed-options.js';
import { readSignedEvent, type StreamMessage } from './signed-event-reader.js';

/** What the server says about the stream; none of it is signed. */
export interface StreamState {
  /** Names this incarnation of the stream. */
  readonly epoch: string;
  readonly lastSequence: number;
}

/** Reads one place of the stream; undefined if nothing lies there. */
export type ReadPlace = (sequence: number) => Promise<StreamMessage | undefined>;

/** An event whose number is in the list. */
interface Numbered {
  readonly serial: number;
  readonly message: StreamMessage;
}

interface Application {
  readonly source: 'stored' | 'live';
  /** It lies where the follower has read up to. */
  readonly inOrder: boolean;
  /** Its number is one of the stream that is followed now. */
  readonly counts: boolean;
}

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
  /** The event with the highest number of all that were applied. */
  #highest: Numbered | undefined;
  /** What was last read in order. */
  #last: StreamMessage | undefined;
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
  async resume(state: StreamState, read: ReadPlace): Promise<number> {
    // Before the stream is asked: a connection that breaks meanwhile puts the follower behind again.
    this.behind = false;
    if (this.#isAnother(state)) this.#beginEpoch(state.epoch);
    else if (!(await this.#isWitnessed(state, read))) this.#startOver();
    // A broker that left something out the first time is asked for all of it again.
    if (this.#incomplete) this.#position = 0;
    this.#deferred.outdate();
    return this.#position + 1;
  }

  /**
   * A snapshot's entries are in the list, so that what is numbered up to there is settled, and the
   * stream is needed only for what came later.
   */
  resumeFromSnapshot(snapshot: SnapshotClaims, state: StreamState): number {
    const { epoch, lastSequence } = state;
    // Before its numbers are taken in: another count would begin without them.
    if (this.#isAnother(state)) this.#beginEpoch(epoch);
    else this.#startOver();
    const { iss: issuer, time_ms: timeMilliseconds, through } = snapshot;
    const serials = { from: through + 1, through };
    this.options.denyList.applyWatermark({ issuer, timeMilliseconds, serials, revokedKeys: [] });
    this.#issuer = issuer;
    this.#incomplete = false;
    this.#position = epoch === snapshot.epoch ? Math.min(snapshot.position, lastSequence) : 0;
    this.#deferred.outdate();
    this.behind = false;
    return this.#position + 1;
  }

  async takeStored(message: StreamMessage): Promise<void> {
    await this.#apply(message, { source: 'stored', inOrder: true, counts: true });
    this.#advanceTo(message);
  }

  /** Everything up to there was read. What it no longer holds was replaced by itself or has expired. */
  reachedEnd({ lastSequence }: StreamState): void {
    this.#position = Math.max(this.#position, lastSequence);
    if (this.#gapOpen) this.#gapsRepaired++;
    this.#gapOpen = false;
  }

  /** Takes in what a message revokes, and nothing else of it: what that means for numbers is told by its turn. */
  async deny(message: Pick<StreamMessage, 'subject' | 'data'>): Promise<void> {
    const outcome = await readSignedEvent(message, this.options.verifyEvent);
    if (outcome.type === 'message' && outcome.message.type === 'revocation')
      this.options.denyList.apply(outcome.message.revocation);
  }

  async takeLive(message: StreamMessage): Promise<void> {
    const { sequence } = message;
    const next = this.#position + 1;
    const { behind } = this;
    const inOrder = sequence === next && !behind;
    // Out of order it may come from a stream that was put back: it revokes, but its number has to be read.
    const effective = await this.#apply(message, { source: 'live', inOrder, counts: inOrder });
    if (behind) return;
    if (sequence > next) this.noteGap();
    // Headers are not signed: what lies on the stream at this place is for the stream to say.
    else if (!effective) this.behind = true;
    else if (inOrder) this.#advanceTo(message);
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
    await this.#deferred.retry((message, counts) =>
      this.#apply(message, { source: 'stored', inOrder: false, counts }),
    );
  }

  #advanceTo(message: StreamMessage): void {
    this.#position = message.sequence;
    this.#last = message;
  }

  #isAnother({ epoch, lastSequence }: StreamState): boolean {
    return epoch !== this.#epoch || lastSequence < this.#position;
  }

  /**
   * Whether the numbers in the list still mean the same revocations. If Postgres and NATS are put back to one
   * common moment, the auth service notices nothing: it gives out the same numbers and sequences again, in the
   * same epoch. An event that lies where it was applied from got its number before that moment, and
   * so did every lower number. The stream keeps events for longer than their tokens live: if the last one
   * has left it, little is left to be read again.
   */
  async #isWitnessed(state: StreamState, read: ReadPlace): Promise<boolean> {
    const through =
      this.#issuer === undefined ? -1 : this.options.denyList.appliedThrough(this.#issuer);
    const witness = this.#witnessOf(state, through);
    if (!witness) return through < 0;
    const { sequence, data } = witness;
    const found = await read(sequence);
    if (found?.sequence === sequence && Buffer.from(data).equals(found.data)) return true;
    this.tell({ type: 'witness_gone', sequence });
    return false;
  }

  #witnessOf({ lastSequence }: StreamState, through: number): StreamMessage | undefined {
    // Nothing was added. This is often a watermark, the next of which would have replaced it.
    if (this.#last?.sequence === lastSequence) return this.#last;
    // A watermark or a snapshot can settle numbers beyond the last event, which no event confirms.
    return this.#highest && this.#highest.serial >= through ? this.#highest.message : undefined;
  }

  #beginEpoch(epoch: string): void {
    if (this.#epoch !== undefined) this.tell({ type: 'new_epoch', epoch });
    this.#epoch = epoch;
    this.#startOver();
  }

  /** The deny-list keeps what it knows: another stream never un-denies anybody. */
  #startOver(): void {
    this.#position = 0;
    this.#highest = undefined;
    this.#last = undefined;
    this.options.denyList.restartSerials();
  }

  /** @returns false when the message has no effect, neither now nor later */
  async #apply(message: StreamMessage, { source, inOrder, counts }: Application): Promise<boolean> {
    const { subject, sequence } = message;
    const outcome = await readSignedEvent(message, this.options.verifyEvent);
    if (outcome.type === 'unavailable') throw outcome.cause;
    // The next watermark is a second away.
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
    { source, counts }: Omit<Application, 'inOrder'>,
  ): void {
    this.options.denyList.apply(revocation, counts ? serial : undefined);
    if (counts && serial >= (this.#highest?.serial ?? -1)) this.#highest = { serial, message };
    const { sequence } = message;
    const { kind, id, revokedAtMilliseconds } = revocation;
    const when = revokedAtMilliseconds !== undefined && { revokedAtMilliseconds };
    this.tell({ type: 'applied', kind, id, serial, sequence, live: source === 'live', ...when });
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
