import type { LiveRevocation } from '@latchkey/contracts/live';
import { formatEvent } from './server-sent-event.js';

/** How many are kept for readers that reconnect. */
const KEPT = 100;
/** How many at most have an event of their own at one moment. A restart of NATS can bring thousands. */
const SENT_TOGETHER = 50;

/** A revocation as it is noted: how many others were omitted turns out when it is sent. */
export type NotedRevocation = Omit<LiveRevocation, 'omitted'>;

/** The last revocations, numbered in the order in which they took effect here. */
export class RecentRevocations {
  readonly #kept: NotedRevocation[] = [];
  #noted = 0;

  /** @param instance makes the ids of events those of this process, because another one numbers from 1 as well */
  constructor(private readonly instance: string) {}

  /** How many have been noted. */
  get noted(): number {
    return this.#noted;
  }

  /** Called for each revocation that a verifier applies, so it only stores a reference. */
  note(revocation: NotedRevocation): void {
    this.#kept[this.#noted++ % KEPT] = revocation;
  }

  /** The events of all revocations after the first `sent` ones, as text. */
  eventsAfter(sent: number, most = SENT_TOGETHER): string {
    const first = Math.max(sent, this.#noted - most);
    let text = '';
    for (let number = first; number < this.#noted; number++) {
      const omitted = number === first ? first - sent : 0;
      const data: LiveRevocation = { ...this.#kept[number % KEPT]!, omitted };
      text += formatEvent({ type: 'revocation', id: `${this.instance}.${number + 1}`, data });
    }
    return text;
  }

  /** The events that a reader has missed; empty for a new reader, and for one that had another process before. */
  missedBy(lastEventId: string | undefined): string {
    const [instance, number] = lastEventId?.split('.') ?? [];
    if (instance !== this.instance || !/^\d{1,15}$/.test(number ?? '')) return '';
    return this.eventsAfter(Number(number), KEPT);
  }
}
