/** An opaque text that tells apart processes that reuse a pid; undefined if no process has the pid. */
export function startTimeOf(pid: number): string | undefined;
/** The command line of a process; undefined if no process has the pid. */
export function commandOf(pid: number): string | undefined;
