import type { SharedToken } from './access-token.js';

/** What a tab tells the others: its new token, or the id of a session that has ended. */
export type TabMessage = { readonly token: SharedToken } | { readonly ended: string };

/**
 * The other tabs of this origin. Nothing depends on them: a tab that hears nothing asks the auth service
 * itself. Without `BroadcastChannel`, that is what happens.
 */
export class Tabs {
  #channel: BroadcastChannel | undefined;

  constructor(
    private readonly name: string,
    private readonly onMessage: (message: TabMessage) => void,
  ) {}

  /** Can be called again, after {@link close} too. */
  open(): void {
    if (this.#channel || typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(`latchkey ${this.name}`);
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.onMessage(data);
  }

  tell(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
