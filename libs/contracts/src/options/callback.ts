import { describeError, formatWarning, WarningLog } from '../warning-log.js';

/**
 * Wraps a callback of the application, so that its errors cannot change the outcome of the work that it
 * is told about. An error, or the rejection of an async callback, becomes a process warning, at most once
 * in 10 seconds.
 *
 * @param name the option, for the warning
 */
export function isolated<Parameters extends readonly unknown[]>(
  name: string,
  callback: ((...parameters: Parameters) => unknown) | undefined,
): (...parameters: Parameters) => void {
  if (!callback) return () => undefined;
  const log = new WarningLog((warning) => process.emitWarning(formatWarning(warning)));
  const failed = (error: unknown) =>
    log.warn(
      name,
      `The callback ${name} failed, and the error was ignored: ${describeError(error)}. ` +
        'Handle the error in the callback.',
    );
  return (...parameters) => {
    try {
      const returned = callback(...parameters);
      if (isThenable(returned)) Promise.resolve(returned).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** Promises of other libraries or other realms are not instances of Promise. */
const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';
