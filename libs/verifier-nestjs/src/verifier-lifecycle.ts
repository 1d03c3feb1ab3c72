import { aFunction, isolated, optional } from '@latchkey/contracts/options';
import type { ClockComparison, DenyList } from '@latchkey/deny-list';
import {
  createRevocationFeed,
  eventVerifier,
  FeedWarnings,
  snapshotVerifier,
  type FeedEvent,
  type FeedState,
  type RevocationFeed,
} from '@latchkey/deny-list-nats';
import type { VerifierStatus, Verifier } from '@latchkey/verifier';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { logWarning } from './log-warning.js';
import type { FeedConnection, VerifierModuleOptions } from './verifier.module-definition.js';

/** Whether tokens can be verified and, if not, what is missing. */
export interface VerifierReadiness {
  readonly ready: boolean;
  /** English sentences for a log, empty if ready. */
  readonly reasons: readonly string[];
}

/** Status for a health indicator. It holds no secrets. */
export interface VerifierHealth extends VerifierReadiness {
  /** The result of `verifier.status()`. `ageSeconds` is Infinity before the first fetch: `null` in JSON. */
  readonly status: VerifierStatus;
  /** How this machine's clock compares with the clock of each issuer, once watermarks have arrived. */
  readonly clocks: readonly (ClockComparison & { readonly issuer: string })[];
}

type FeedCallback = (event: FeedEvent) => void;

/**
 * Starts and stops the verifier with the application. Keys and revocations load in the background: the
 * application listens while the auth service or NATS is unreachable, and reports that it is not ready.
 */
export class VerifierLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #feed: RevocationFeed | undefined;

  constructor(
    options: VerifierModuleOptions,
    private readonly verifier: Verifier,
    private readonly denyList: DenyList,
  ) {
    if (!options.feed) return;
    const feedWarnings = new FeedWarnings(isolated('onWarning', options.onWarning ?? logWarning));
    const onFeedEvent = optional('onFeedEvent', options.onFeedEvent, aFunction<FeedCallback>());
    const emit = isolated('onFeedEvent', onFeedEvent);
    this.#feed = createRevocationFeed({
      ...withIssuer(options.feed, options.issuer),
      denyList,
      verifyEvent: eventVerifier(verifier),
      verifySnapshot: snapshotVerifier(verifier),
      onEvent: (event: FeedEvent) => {
        feedWarnings.note(event);
        emit(event);
      },
    });
  }

  /** Called by Nest. Starts loading keys and revocations without waiting for them. */
  onApplicationBootstrap(): void {
    // Neither promise rejects: both retry until they succeed or are closed.
    void this.verifier.loadKeys();
    void this.#feed?.start();
  }

  /**
   * Called by Nest on `app.close()` and, after `app.enableShutdownHooks()`, on a signal. Stops all calls
   * to the issuer and disconnects from NATS.
   */
  async onApplicationShutdown(): Promise<void> {
    this.verifier.close();
    await this.#feed?.close();
  }

  /** State of the revocation feed; undefined with `revocations: 'ignore'`. */
  get feedState(): FeedState | undefined {
    return this.#feed?.state;
  }

  /**
   * Ready once keys and revocations have loaded, unless this machine's clock is so wrong that it rejects
   * valid tokens. Staleness and a jump of the issuer's clock do not count: they affect every verifier at
   * the same time, and would take all of them out of service.
   */
  readiness(): VerifierReadiness {
    const reasons: string[] = [];
    if (!this.verifier.keysLoaded)
      reasons.push(`the key set of ${this.#issuersWithoutKeys()} has not been fetched yet`);
    if (this.#feed && !this.denyList.loaded) reasons.push('revocations have not been loaded yet');
    for (const clock of this.#clocks()) if (clock.localClockWrong) reasons.push(wrongClock(clock));
    return { ready: reasons.length === 0, reasons };
  }

  /** The readiness, together with the state of keys, tokens and clocks. */
  health(): VerifierHealth {
    return { ...this.readiness(), status: this.verifier.status(), clocks: this.#clocks() };
  }

  #issuersWithoutKeys(): string {
    const missing = this.verifier
      .status()
      .issuers.filter(({ ageSeconds }) => ageSeconds === Infinity);
    return missing.map(({ issuer }) => issuer).join(', ');
  }

  #clocks(): VerifierHealth['clocks'] {
    return this.verifier.status().issuers.flatMap(({ issuer }) => {
      const clock = this.denyList.clock(issuer);
      return clock ? [{ issuer, ...clock }] : [];
    });
  }
}

/** The only issuer of the verifier is the one that the snapshot comes from. */
function withIssuer(feed: FeedConnection, issuer: string | undefined): FeedConnection {
  const { snapshot } = feed;
  if (!snapshot || issuer === undefined) return feed;
  return { ...feed, snapshot: { issuer, ...snapshot } };
}

function wrongClock({ offsetSeconds, behind }: ClockComparison): string {
  const seconds = `${Math.abs(offsetSeconds).toFixed(0)} s`;
  return `this machine's clock is ${seconds} ${behind ? 'behind' : 'ahead of'} the auth service's`;
}
