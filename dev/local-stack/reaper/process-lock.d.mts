/** Somebody else holds the lock. */
export class LockedError extends Error {
  override readonly name: 'LockedError';
  constructor(file: string, pid: number | undefined, isOwner: boolean);
  readonly file: string;
  /** A holder that is alive; undefined when it is being taken at this moment. */
  readonly pid: number | undefined;
  /** Whether that one took the lock itself; else it is cleaning up for one that is gone. */
  readonly isOwner: boolean;
}

/**
 * A lock that belongs to this process: another one gets it only after this one let go or is gone.
 * The holder is known by pid and start time, so that a reused pid holds nothing.
 */
export class ProcessLock {
  private constructor(file: string);
  /**
   * @param successors pids that keep it locked while they live, when this process is gone
   * @throws {LockedError} when a living process holds it, this one included.
   */
  static acquire(file: string, successors?: readonly number[]): ProcessLock;
  release(): void;
}
