import { LOGGER } from '@latchkey/service-kit';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { ServiceClock } from './clock/service-clock.js';
import { SessionStore } from './sessions/session-store.js';
import { CounterStore } from './throttling/counter-store.js';
import { keptSeconds } from './revocations/revocation-lifetime.js';
import { SETTINGS, type Settings } from './settings.js';
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
    private readonly clock: ServiceClock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#round ??= this.keepHouse().finally(() => (this.#round = undefined));
    }, ROUND_MILLISECONDS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  /** One round, as every minute. */
  async keepHouse(): Promise<void> {
    if (!this.#timeIsCertain) return;
    try {
      await this.counters.forget();
      await this.sessions.forget();
      await this.exchangedTokens.forget();
    } catch (err) {
      this.log.warn({ err }, 'old sessions, counters and exchanged tokens could not be removed');
    }
  }

  /** What a clock that has leapt ahead calls old may be needed once it is right again. */
  get #timeIsCertain(): boolean {
    const { agrees, steadySeconds } = this.clock;
    return agrees && steadySeconds > keptSeconds('token', this.settings.accessTokenLifetimeSeconds);
  }
}
