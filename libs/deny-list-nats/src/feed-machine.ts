/** What a feed is doing. */
export type FeedPhase =
  /** There is no connection to NATS. */
  | 'disconnected'
  /** Something may be missing, and the stream has to be read. */
  | 'must_read'
  /** The stream is being read. */
  | 'catching_up'
  /** The stream was read to its end, and live messages continue it. */
  | 'following'
  | 'closed';

/** What happens to a feed. */
export type FeedSignal =
  | 'connected'
  | 'disconnected'
  /**
   * Something was missed, or may have been: a gap, an overdue watermark, one that does not belong to
   * this place of the stream, serial numbers that are missing, or a read that failed.
   */
  | 'missed'
  /** Reading the stream has begun. */
  | 'reading'
  /** Everything was read that the stream held when reading began. */
  | 'reached_end'
  | 'closed';

/**
 * ```
 *                    connected                 reading               reached_end
 *   disconnected ───────────────▶ must_read ─────────────▶ catching_up ──────────▶ following
 *                                     ▲                          │                     │
 *                                     └──────────────────────────┴─────────────────────┘
 *                                                  missed, connected
 * ```
 *
 * In every phase, `disconnected` and `closed` lead to the phase of that name; `closed` is final. Signals
 * that are not listed change nothing: a read that was overtaken by `missed` reaches its end and is followed by another.
 */
const TRANSITIONS: Readonly<Record<FeedPhase, Partial<Record<FeedSignal, FeedPhase>>>> = {
  disconnected: { connected: 'must_read', closed: 'closed' },
  must_read: { reading: 'catching_up', disconnected: 'disconnected', closed: 'closed' },
  catching_up: {
    reached_end: 'following',
    missed: 'must_read',
    connected: 'must_read',
    disconnected: 'disconnected',
    closed: 'closed',
  },
  following: {
    missed: 'must_read',
    connected: 'must_read',
    disconnected: 'disconnected',
    closed: 'closed',
  },
  closed: {},
};

/** The phase of a feed, which changes by signals only. */
export class FeedMachine {
  #phase: FeedPhase = 'disconnected';

  /** The current phase. */
  get phase(): FeedPhase {
    return this.#phase;
  }

  /** Whether NATS is connected. */
  get isConnected(): boolean {
    return this.#phase !== 'disconnected' && this.#phase !== 'closed';
  }

  /** Changes the phase, if the signal means something in it. */
  handle(signal: FeedSignal): void {
    this.#phase = TRANSITIONS[this.#phase][signal] ?? this.#phase;
  }
}
