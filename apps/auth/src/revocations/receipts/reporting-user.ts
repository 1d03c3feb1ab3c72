import { VERIFIER_FORGOTTEN_SECONDS } from '@latchkey/contracts';

/** Reports are not signed. The limit is per user, so that a stolen password can exhaust only its own share. */
const MAX_VERIFIERS = 2_000;
/** Enough for 1,000 verifiers that answer one replica, which asks 20 times a second. */
const MAX_REPORTS_PER_SECOND = 20_000;

interface KnownVerifier {
  readonly through: number;
  /** A time of `performance.now()`. */
  readonly heardAt: number;
}

/** The verifiers that report under one NATS user. */
export class ReportingUser {
  readonly #known = new Map<string, KnownVerifier>();
  #second = 0;
  #reports = 0;

  /** Rate limit, checked before a report is parsed. @returns false if the user has exceeded it */
  admits(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#reports = 0;
      this.forgetSilent();
    }
    return ++this.#reports <= MAX_REPORTS_PER_SECOND;
  }

  /** @returns false if the user already reports the maximum number of verifiers */
  note(name: string, through: number): boolean {
    if (!this.#known.has(name) && this.#known.size >= MAX_VERIFIERS) return false;
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

  /** Pairs of verifier name and the serial up to which it has applied all revocations. */
  get known(): [string, number][] {
    return [...this.#known].map(([name, { through }]) => [name, through]);
  }
}
