import { VERIFIER_FORGOTTEN_SECONDS } from '@latchkey/contracts';

/** Reports are not signed. The holder of a verifier's password can fill the share of that verifier only. */
const MOST_VERIFIERS = 2_000;
/** 1,000 verifiers that answer the questions of one replica, which asks 20 times a second. */
const MOST_REPORTS_PER_SECOND = 20_000;

interface KnownVerifier {
  readonly through: number;
  /** By `performance.now()`. */
  readonly heardAt: number;
}

/** The verifiers that report under one NATS user. */
export class ReportingUser {
  readonly #known = new Map<string, KnownVerifier>();
  #second = 0;
  #reports = 0;

  /** Asked before a report is read. @returns false for one that no honest verifier would send as well */
  admits(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#reports = 0;
      this.forgetSilent();
    }
    return ++this.#reports <= MOST_REPORTS_PER_SECOND;
  }

  /** @returns false when there are too many already */
  note(name: string, through: number): boolean {
    if (!this.#known.has(name) && this.#known.size >= MOST_VERIFIERS) return false;
    this.#known.set(name, { through, heardAt: performance.now() });
    return true;
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  forgetSilent(): void {
    const oldest = performance.now() - VERIFIER_FORGOTTEN_SECONDS * 1000;
    for (const [name, { heardAt }] of this.#known) if (heardAt < oldest) this.#known.delete(name);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Up to which serial number each of them has applied everything, by its name. */
  get known(): [string, number][] {
    return [...this.#known].map(([name, { through }]) => [name, through]);
  }
}
