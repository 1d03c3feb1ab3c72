import { LOGGER, ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { SETTINGS, type Settings } from '../../platform/settings.js';
import { CounterStore } from './counter-store.js';

const HOUR_SECONDS = 3_600;

/** @param seconds how long to wait */
export const tooManyRegistrations = (seconds: number) =>
  new ProblemError(429, 'too_many_registrations', 'Too many registrations from this address', {
    detail: `try again in ${seconds} s`,
    headers: { 'retry-after': `${seconds}` },
  });

/**
 * Limits registrations per address across all replicas. The limit applies before the name is looked up,
 * so that a refusal does not reveal whether the name is taken.
 */
@Injectable()
export class RegistrationThrottle {
  constructor(
    private readonly counters: CounterStore,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** @throws ProblemError 429 with `Retry-After` */
  async admit(address: string): Promise<void> {
    const burst = this.settings.registrationsPerHour;
    const wait = await this.counters.spend(['registration', address], {
      burst,
      refillSeconds: HOUR_SECONDS / burst,
    });
    if (wait === 0) return;
    const seconds = Math.ceil(wait);
    this.log.info({ seconds }, 'registration throttled');
    throw tooManyRegistrations(seconds);
  }
}
