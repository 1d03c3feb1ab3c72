import { Backoff } from '@latchkey/contracts/backoff';

/** Watermarks arrive once a second. After this long without one, something was probably missed. */
const OVERDUE_MILLISECONDS = 2_500;
/** A connection that delivers nothing for this long is replaced, whatever its client library says. */
const SILENT_MILLISECONDS = 5_000;
const READ_BACKOFF = { firstMilliseconds: 1_000, maxMilliseconds: 15_000 };
const RENEW_BACKOFF = { firstMilliseconds: 5_000, maxMilliseconds: 60_000 };

/** What to do after a check. */
export interface WatchdogFindings {
  /** No watermark was satisfied for too long. */
  readonly isOverdue: boolean;
  /** Read the stream, because watermarks are overdue. */
  readonly mustRead: boolean;
  /** Replace the connection, because it is silent. */
  readonly mustRenew: boolean;
}

/** Decides when a feed that receives nothing, or not everything, tries again. */
export class Watchdog {
  readonly #overdue = new Backoff(READ_BACKOFF);
  /** Separate from `#overdue`, so that an outage does not delay a repair that can succeed. */
  readonly #incomplete = new Backoff(READ_BACKOFF);
  readonly #silent = new Backoff(RENEW_BACKOFF);
  #activeAt = -Infinity;

  /** Called when something has arrived, or can begin to arrive. */
  noteActivity(): void {
    this.#activeAt = performance.now();
  }

  /**
   * @param freshAt when the list was last complete, by `performance.now()`
   * @param isDownloading a snapshot is being downloaded, so a silent connection proves nothing
   */
  check(freshAt: number, isDownloading: boolean): WatchdogFindings {
    const now = performance.now();
    const isOverdue = now - freshAt > OVERDUE_MILLISECONDS;
    if (!isOverdue) this.#overdue.reset();
    const mustRead = isOverdue && this.#overdue.isDue(now);
    if (now - freshAt < SILENT_MILLISECONDS) this.#silent.reset();
    const isSilent =
      now - freshAt >= SILENT_MILLISECONDS &&
      now - this.#activeAt > SILENT_MILLISECONDS &&
      !isDownloading;
    return { isOverdue, mustRead, mustRenew: isSilent && this.#silent.isDue(now) };
  }

  /** Whether to read the stream again, because it lacks numbers that a watermark requires. */
  mustRepair(isIncomplete: boolean): boolean {
    if (!isIncomplete) this.#incomplete.reset();
    return isIncomplete && this.#incomplete.isDue(performance.now());
  }
}
