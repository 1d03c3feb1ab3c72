import type { StackPart } from '@latchkey/contracts/live';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MILLISECONDS = 1_000;

/** How to break a part, and how to heal it. Both are called again until they succeed, so they must be idempotent. */
export interface PartControls {
  readonly part: string;
  /** In words, such as `stop auth`. */
  readonly does: string;
  breakIt(): Promise<void>;
  healIt(): Promise<void>;
}

/**
 * A part that is broken for a limited time. Requests may come at any moment, also while it breaks or heals: the last one
 * wins. Healing is tried until it succeeds, because a part may need another one that is broken as well.
 */
export class BreakablePart {
  /** Undefined after a failure, because half of the work may be done. */
  #isBroken: boolean | undefined = false;
  #wanted = false;
  #healsAt: number | undefined;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(private readonly controls: PartControls) {}

  get status(): StackPart {
    const { part, does } = this.controls;
    const state = stateOf(this.#wanted, this.#isBroken === this.#wanted);
    const healsAtMilliseconds = this.#healsAt ?? null;
    return { part, does, state, healsAtMilliseconds, problem: this.#problem ?? null };
  }

  /** Breaks the part, or keeps it broken, until the time has passed. Resolves when it is broken, or healed meanwhile. */
  break(seconds: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#healsAt = Date.now() + seconds * 1_000;
    this.#timer = setTimeout(() => void this.heal(), seconds * 1_000);
    return this.#become(true);
  }

  /** Resolves when the part works again, or was broken meanwhile. */
  heal(): Promise<void> {
    clearTimeout(this.#timer);
    this.#healsAt = undefined;
    return this.#become(false);
  }

  /** Leaves the part as it is. Work in progress ends with the processes that it is about, which may take long to start. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  #become(broken: boolean): Promise<void> {
    this.#wanted = broken;
    this.#running ??= this.#work().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#isBroken !== this.#wanted && !signal.aborted) {
      const wanted = this.#wanted;
      try {
        await (wanted ? this.controls.breakIt() : this.controls.healIt());
        this.#isBroken = wanted;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = error instanceof Error ? firstLine(error.message) : String(error);
        this.#isBroken = undefined;
        await delay(RETRY_MILLISECONDS, undefined, { signal }).catch(() => undefined); // closed
      }
    }
  }
}

function stateOf(isBroken: boolean, isSettled: boolean): StackPart['state'] {
  if (isBroken) return isSettled ? 'broken' : 'breaking';
  return isSettled ? 'working' : 'healing';
}

/** The message of a program that did not start ends with its log. */
const firstLine = (message: string) => message.split('\n', 1)[0] ?? '';
