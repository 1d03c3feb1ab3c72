import { InvalidEnvironmentError } from './load-config.js';

/** Runs a service's `main`. If it fails, prints the reason to standard error and exits with status 1. */
export function runMain(main: () => Promise<unknown>): void {
  void Promise.resolve()
    .then(main)
    .catch((error: unknown) => {
      const text =
        error instanceof InvalidEnvironmentError ? error.message : String(stackOf(error));
      process.stderr.write(`${text}\n`);
      process.exit(1);
    });
}

const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error) : error);
