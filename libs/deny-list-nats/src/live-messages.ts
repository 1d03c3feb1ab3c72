import { LIVE_SUBJECTS, REVOCATION_STREAM } from '@latchkey/contracts';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

const MAX_WAITING = 100_000;

/** Receives what happens to live messages. */
export interface LiveListener {
  onMessage(message: Msg): void;
  /** All waiting messages were dropped; the stream still holds them. */
  onOverflow(): void;
  onError(cause: unknown): void;
}

/** Subscribes to the live subjects, and holds messages until the worker takes them. */
export class LiveMessages {
  #waiting: Msg[] = [];
  #connection: NatsConnection | undefined;
  #subscription: Subscription | undefined;

  constructor(private readonly listener: LiveListener) {}

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Subscribes, unless there is a subscription already. */
  listen(connection: NatsConnection): void {
    // NATS ends a subscription for which the user lacks the permission.
    const isOpen = this.#subscription && !this.#subscription.isClosed();
    if (this.#connection === connection && isOpen) return;
    this.#connection = connection;
    this.#subscription = connection.subscribe(LIVE_SUBJECTS, {
      callback: (cause, message) => {
        if (cause) this.listener.onError(cause);
        else this.#receive(message);
      },
    });
  }

  /** Removes and returns the waiting messages. */
  take(): Msg[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  clear(): void {
    this.#waiting = [];
  }

  #receive(message: Msg): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.clear();
      this.listener.onOverflow();
    } else {
      this.#waiting.push(message);
      this.listener.onMessage(message);
    }
  }
}

/** @returns the sequence at which the stream republished the message; undefined if it did not */
export function streamSequence(message: Msg): number | undefined {
  if (message.headers?.get('Nats-Stream') !== REVOCATION_STREAM) return undefined;
  const sequence = Number(message.headers.get('Nats-Sequence'));
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
}
