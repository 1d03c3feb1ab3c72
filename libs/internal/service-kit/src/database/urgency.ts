import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<true>();

/**
 * Runs work whose statements must not wait behind ordinary requests. A data source with `urgentPoolSize` reserves
 * connections for it.
 */
export function urgently<Result>(work: () => Result): Result {
  return storage.run(true, work);
}

export function isUrgent(): boolean {
  return storage.getStore() === true;
}
