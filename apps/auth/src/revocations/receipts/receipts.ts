import type { ReceiptsReply } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { VerifierDirectory } from './verifier-directory.js';

/**
 * Every verifier answers every request, so concurrent log-outs share requests at this interval. A verifier
 * that has applied the highest serial has applied all lower ones.
 */
export const REQUEST_INTERVAL_MILLISECONDS = 50;

/** How long verifiers may take to report for {@link Receipts.progress}, which does not wait for them. */
const PROGRESS_MILLISECONDS = 1_000;
/** Anybody can ask for progress, so it asks the verifiers less often than log-outs do. */
const PROGRESS_INTERVAL_MILLISECONDS = 500;

/** Waits until verifiers confirm that they have applied a revocation. */
@Injectable()
export class Receipts {
  #wanted = 0;
  #until = 0;
  #askedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly directory: VerifierDirectory) {}

  /**
   * Never throws. Verifiers that do not answer in time count as known but not as applied.
   *
   * @param since time of the commit, by `performance.now()`
   */
  async confirm(
    serial: number,
    withinMilliseconds: number,
    since = performance.now(),
  ): Promise<ReceiptsReply> {
    const until = performance.now() + withinMilliseconds;
    const waitingFor = new Set<string>();
    const applied = new Set<string>();
    for (const [name, through] of this.directory.known())
      (through < serial ? waitingFor : applied).add(name);
    let lastAt = performance.now();
    if (waitingFor.size > 0) {
      this.#ask(serial, until);
      await this.#reports(withinMilliseconds, (name, through) => {
        if (through === undefined) applied.delete(name);
        else if (through < serial || applied.has(name)) return false;
        else {
          applied.add(name);
          lastAt = performance.now();
        }
        waitingFor.delete(name);
        return waitingFor.size === 0;
      });
    }
    const slowestMs = applied.size === 0 ? null : round(lastAt - since);
    return { known: applied.size + waitingFor.size, applied: applied.size, slowestMs };
  }

  /**
   * How many of the known verifiers have reported that they applied everything up to a serial. Does not wait: it asks
   * verifiers that have not, so that a later call knows more.
   *
   * @param serial undefined if the revocation has not been published
   */
  progress(serial: number | undefined): Pick<ReceiptsReply, 'known' | 'applied'> {
    const through = [...this.directory.known().values()];
    if (serial === undefined) return { known: through.length, applied: 0 };
    const applied = through.filter((each) => each >= serial).length;
    const now = performance.now();
    const mayAsk = now - this.#askedAt >= PROGRESS_INTERVAL_MILLISECONDS;
    if (applied < through.length && mayAsk) this.#ask(serial, now + PROGRESS_MILLISECONDS);
    return { known: through.length, applied };
  }

  /** Resolves after the last report or when the time is up. */
  #reports(
    withinMilliseconds: number,
    isLast: (name: string, through?: number) => boolean,
  ): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        stopListening();
        resolve();
      };
      const timer = setTimeout(end, withinMilliseconds);
      const stopListening = this.directory.onReport((name, through) => {
        if (isLast(name, through)) end();
      });
    });
  }

  #ask(serial: number, until: number): void {
    this.#wanted = Math.max(this.#wanted, serial);
    this.#until = Math.max(this.#until, until);
    const pause = this.#askedAt + REQUEST_INTERVAL_MILLISECONDS - performance.now();
    this.#timer ??= setTimeout(() => this.#askNow(), Math.max(0, pause));
  }

  #askNow(): void {
    this.#timer = undefined;
    this.#askedAt = performance.now();
    const withinMilliseconds = Math.max(0, Math.ceil(this.#until - this.#askedAt));
    this.directory.ask({ serial: this.#wanted, withinMilliseconds });
  }
}

const round = (milliseconds: number) => Math.max(0, Math.round(milliseconds * 10) / 10);
