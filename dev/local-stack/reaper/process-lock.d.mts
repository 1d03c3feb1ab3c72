/** Another process, or another part of this one, holds the lock. */
export class LockedError extends Error {
  override readonly name: 'LockedError';
  constructor(directory: string, holder: string | undefined);
  /** The process that holds the lock; undefined if it has just been released. */
  readonly pid: number | undefined;
  /** False if the owner has ended and the holder is a successor that cleans up after it. */
  readonly isOwner: boolean;
}

/**
 * A lock owned by this process. Another process can take it once this one has released it or has
 * ended. Holders are identified by pid and start time, so that a reused pid holds nothing.
 */
export class ProcessLock {
  private constructor(directory: string, holders: string[]);
  /**
   * @param directory of the lock alone
   * @param successors pids that keep the lock for as long as they live after this process has ended
   * @throws {LockedError} if a living process holds the lock, this one included
   */
  static acquire(directory: string, successors?: readonly number[]): ProcessLock;
  release(): void;
}
