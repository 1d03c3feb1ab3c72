import { LOGGER } from '@latchkey/service-kit';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { SessionStore } from './sessions/session-store.js';
import { CounterStore } from './throttling/counter-store.js';
import { ExchangedTokenStore } from './token-exchange/exchanged-token-store.js';

const ROUND_MILLISECONDS = 60_000;

/** Removes what counts no more. Every replica does; what one has removed, the others do not find. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(
    private readonly sessions: SessionStore,
    private readonly counters: CounterStore,
    private readonly exchangedTokens: ExchangedTokenStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#round ??= this.#keepHouse().finally(() => (this.#round = undefined));
    }, ROUND_MILLISECONDS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #keepHouse(): Promise<void> {
    try {
      await this.counters.forget();
      await this.sessions.forget();
      await this.exchangedTokens.forget();
    } catch (err) {
      this.log.warn({ err }, 'old sessions, counters and exchanged tokens could not be removed');
    }
  }
}
