import { setTimeout as delay } from 'node:timers/promises';

export interface Health {
  readonly ready: boolean;
  /** What is missing. */
  readonly detail?: string;
  /** What else an operator wants to see. Nothing secret: whoever reaches the port may read it. */
  readonly report?: unknown;
}

const POLL_MILLISECONDS = 50;
/** A check that hangs is a check that fails. */
const CHECK_MILLISECONDS = 2_000;

/** What a service needs to be of use. Parts register; `/health/ready` asks them all. */
export class HealthRegistry {
  readonly #checks = new Map<string, () => Promise<Health>>();
  readonly #optional = new Set<string>();
  #shuttingDown = false;

  /** @param required false for what only a part of the service needs: it is told, and no more */
  register(name: string, check: () => Promise<Health>, required = true): void {
    this.#checks.set(name, check);
    if (!required) this.#optional.add(name);
  }

  /** From now on not ready, so that no new work is sent here. */
  shutDown(): void {
    this.#shuttingDown = true;
  }

  get shuttingDown(): boolean {
    return this.#shuttingDown;
  }

  /** Resolves when the service is ready, or at the latest after the time given. */
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
    timer = setTimeout(() => resolve({ ready: false, detail: 'no answer' }), CHECK_MILLISECONDS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return { ready: false, detail: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}
