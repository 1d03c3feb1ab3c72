/** Milliseconds of CLOCK_MONOTONIC, the same for every process of this machine. */
export const moment = () => Number(process.hrtime.bigint()) / 1e6;
