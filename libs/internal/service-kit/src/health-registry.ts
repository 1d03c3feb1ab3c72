import { setTimeout as delay } from 'node:timers/promises';

export interface Health {
  readonly ready: boolean;
  /** Describes a problem. A check that is ready may have one, too. */
  readonly detail?: string;
  /** Further information for operators. It must not be secret: anyone who reaches the port can read it. */
  readonly report?: unknown;
}

const POLL_MILLISECONDS = 50;
/** A check that takes longer fails. */
const CHECK_MILLISECONDS = 2_000;

/** The readiness checks of a service. Modules register theirs, and `/health/ready` runs them all. */
export class HealthRegistry {
  readonly #checks = new Map<string, () => Promise<Health>>();
  readonly #optional = new Set<string>();
  #shuttingDown = false;

  /** @param required false if the service is useful without it: the check is then only reported */
  register(name: string, check: () => Promise<Health>, required = true): void {
    this.#checks.set(name, check);
    if (!required) this.#optional.add(name);
  }

  /** Reports the service as not ready from now on, so that proxies stop sending requests. */
  shutDown(): void {
    this.#shuttingDown = true;
  }

  get shuttingDown(): boolean {
    return this.#shuttingDown;
  }

  /** Resolves when the service is ready, or after the given time. */
  async untilReady(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end && !(await this.report()).ready) await delay(POLL_MILLISECONDS);
  }

  async report(): Promise<{ ready: boolean; checks: Record<string, Health> }> {
    const entries = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await bounded(check)] as const),
    );
    if (this.#shuttingDown) entries.push(['service', { ready: false, detail: 'shutting down' }]);
    const ready = entries.every(([name, health]) => health.ready || this.#optional.has(name));
    return { ready, checks: Object.fromEntries(entries) };
  }
}

async function bounded(check: () => Promise<Health>): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve({ ready: false, detail: 'timed out' }), CHECK_MILLISECONDS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return { ready: false, detail: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}
