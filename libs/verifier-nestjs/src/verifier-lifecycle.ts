import {
  REVOCATION_EVENT_AUDIENCE,
  REVOCATION_EVENT_TYPE,
  SNAPSHOT_AUDIENCE,
  SNAPSHOT_TYPE,
} from '@latchkey/contracts';
import type { ClockComparison, DenyList } from '@latchkey/deny-list';
import {
  createRevocationFeed,
  FeedTroubles,
  type FeedEvent,
  type FeedState,
  type RevocationFeed,
} from '@latchkey/deny-list-nats';
import type { VerifierStatus, Verifier } from '@latchkey/verifier';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { logTrouble } from './log-trouble.js';
import type { VerifierModuleOptions } from './verifier.module-definition.js';

/** Whether requests can be judged, and if not, what is missing. */
export interface VerifierReadiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** For a health indicator: nothing in it is secret. */
export interface VerifierHealth extends VerifierReadiness {
  /** Which keys are known and how old they are, and how many tokens were refused, by code. */
  readonly trust: VerifierStatus;
  /** How this machine's clock compares with that of each issuer whose watermarks tell. */
  readonly clocks: readonly (ClockComparison & { readonly issuer: string })[];
}

/**
 * Starts and stops the verifier with the application. Both happen in the background: a service
 * listens while the auth service or NATS is away, and says that it is not ready.
 */
export class VerifierLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #feed: RevocationFeed | undefined;

  constructor(
    options: VerifierModuleOptions,
    private readonly verifier: Verifier,
    private readonly denyList: DenyList,
  ) {
    if (!options.feed) return;
    const troubles = new FeedTroubles(options.onWarning ?? logTrouble);
    this.#feed = createRevocationFeed({
      ...options.feed,
      denyList,
      verifyEvent: async (jws) => (await verifier.verifySignedEvent(jws, EVENT)).claims,
      verifySnapshot: async (jws) => (await verifier.verifySignedEvent(jws, SNAPSHOT)).claims,
      onEvent: (event: FeedEvent) => {
        troubles.note(event);
        options.onFeedEvent?.(event);
      },
    });
  }

  /** Called by Nest. Begins to fetch keys and to replay revocations, and waits for neither. */
  onApplicationBootstrap(): void {
    // Neither rejects: each retries until it succeeds or is closed.
    void this.verifier.loadKeys();
    void this.#feed?.start();
  }

  /** Called by Nest on `app.close()`. Leaves the issuer and NATS alone from then on. */
  async onApplicationShutdown(): Promise<void> {
    this.verifier.close();
    await this.#feed?.close();
  }

  /** How far the feed has come; undefined with `revocations: 'ignore'`. */
  get feedState(): FeedState | undefined {
    return this.#feed?.state;
  }

  /**
   * Ready once keys and revocations have been loaded for the first time, unless this machine's clock is
   * so wrong that it refuses good tokens. Staleness is not asked for here, nor a leap of the
   * auth service's clock: what all verifiers have in common must not take all of them away.
   */
  readiness(): VerifierReadiness {
    const reasons: string[] = [];
    if (!this.verifier.keysLoaded) reasons.push('no key set fetched from the issuer yet');
    if (this.#feed && !this.denyList.loaded) reasons.push('revocations not replayed yet');
    for (const clock of this.#clocks()) if (clock.ownFault) reasons.push(wrongClock(clock));
    return { ready: reasons.length === 0, reasons };
  }

  /** What `readiness()` says, with what the verifier trusts and what came of it. */
  health(): VerifierHealth {
    return { ...this.readiness(), trust: this.verifier.status(), clocks: this.#clocks() };
  }

  #clocks(): VerifierHealth['clocks'] {
    return this.verifier.status().issuers.flatMap(({ issuer }) => {
      const clock = this.denyList.clock(issuer);
      return clock ? [{ issuer, ...clock }] : [];
    });
  }
}

function wrongClock({ offsetSeconds, behind }: ClockComparison): string {
  const seconds = `${Math.abs(offsetSeconds).toFixed(0)} s`;
  return `this clock is ${seconds} ${behind ? 'behind' : 'ahead of'} the auth service's`;
}

const EVENT = { type: REVOCATION_EVENT_TYPE, audience: REVOCATION_EVENT_AUDIENCE };
const SNAPSHOT = { type: SNAPSHOT_TYPE, audience: SNAPSHOT_AUDIENCE };
