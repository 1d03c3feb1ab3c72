import type { FeedEvent } from '@latchkey/deny-list-nats';
import type { LiveEvents, MetricsRegistry } from '@latchkey/service-kit';
import type { Verifier, VerifierOptions, Warning } from '@latchkey/verifier';
import type { Logger } from 'pino';
import { Counter } from 'prom-client';
import type { FeedMetrics } from './feed-metrics.js';
import { changesStatus } from './live-verifier.js';
import { NewRevocations, type AppliedEvent } from './new-revocations.js';
import { verifiedToken } from './verified-token.js';

/** Records what a verifier and its feed do, as metrics and log lines. Neither contains tokens. */
export class VerifierObserver {
  readonly #verifications: Counter;
  readonly #fetches: Counter;
  readonly #newRevocations = new NewRevocations();

  constructor(
    private readonly logger: Logger,
    private readonly metrics: MetricsRegistry,
    private readonly feed: FeedMetrics,
    private readonly live: LiveEvents,
  ) {
    const registers = [metrics.registry];
    this.#verifications = new Counter({
      name: 'latchkey_verifications_total',
      help: 'Verified tokens by outcome (accepted, or the error code) and kind of token',
      labelNames: ['outcome', 'token'],
      registers,
    });
    this.#fetches = new Counter({
      name: 'latchkey_key_set_fetches_total',
      help: 'Fetches of the key set from the issuer',
      labelNames: ['ok'],
      registers,
    });
  }

  readonly onOutcome: NonNullable<VerifierOptions['onOutcome']> = (outcome, kind, principal) => {
    const token = verifiedToken(kind, principal);
    this.#verifications.inc({ outcome, token });
    if (outcome !== 'accepted') this.logger.info({ code: outcome, token }, 'token rejected');
  };

  readonly onKeySetFetch = (event: { issuer: string; ok: boolean; cause?: unknown }): void => {
    this.#fetches.inc({ ok: String(event.ok) });
    this.live.changed();
    this.logger[event.ok ? 'debug' : 'warn'](event, 'key set fetched');
  };

  readonly onFeedEvent = (event: FeedEvent): void => {
    const { type, ...fields } = event;
    this.feed.count(event);
    if (changesStatus(event)) this.live.changed();
    const first = this.#newRevocations.firstOf(event);
    if (first) this.#tellRevoked(first);
    this.logger[LEVELS[type]](fields, `revocation feed: ${type}`);
  };

  readonly onWarning = ({ message, ...fields }: Warning): void => {
    this.logger.warn(fields, message);
  };

  #tellRevoked({ serial: position, kind, live, revokedAtMilliseconds }: AppliedEvent): void {
    const atMilliseconds = Date.now();
    const delayMilliseconds =
      revokedAtMilliseconds === undefined
        ? null
        : Math.max(0, atMilliseconds - revokedAtMilliseconds);
    if (delayMilliseconds !== null) this.feed.observeLag(delayMilliseconds);
    this.live.revoked({ position, kind, atMilliseconds, delayMilliseconds, live });
  }

  /** Registers the metrics that are read when they are scraped. */
  watch(verifier: Verifier): void {
    this.metrics.gauge(
      'latchkey_key_set_age_seconds',
      'Time since the key set was last fetched; +Inf before the first fetch',
      () => Math.max(...verifier.status().issuers.map(({ ageSeconds }) => ageSeconds)),
    );
    const cache = () => verifier.status().signatureCache;
    this.metrics.gauge(
      'latchkey_signature_cache_tokens',
      'Tokens in the signature cache',
      () => cache().tokens,
    );
    this.metrics.counter(
      'latchkey_signature_cache_hits_total',
      'Tokens whose signature check was cached',
      () => cache().hits,
    );
    this.metrics.counter(
      'latchkey_signature_cache_misses_total',
      'Tokens whose signature had to be checked',
      () => cache().misses,
    );
  }
}

const LEVELS = {
  applied: 'debug',
  checkpoint_lost: 'warn',
  clock: 'warn',
  connected: 'info',
  disconnected: 'warn',
  gap: 'warn',
  incomplete: 'warn',
  loaded: 'info',
  new_epoch: 'warn',
  refused: 'warn',
  renewing: 'warn',
  snapshot: 'info',
  warning: 'warn',
} as const satisfies Record<FeedEvent['type'], keyof Logger>;
