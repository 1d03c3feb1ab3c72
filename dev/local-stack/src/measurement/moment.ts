/**
 * Milliseconds on the machine's monotonic clock. Unlike `performance.now()`, which counts from the
 * start of its process, moments of different processes can be compared.
 */
export const moment = () => Number(process.hrtime.bigint()) / 1e6;
