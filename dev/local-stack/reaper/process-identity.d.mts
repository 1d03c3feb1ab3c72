/** An opaque text that differs between two processes that had the same pid; undefined when gone. */
export function startTimeOf(pid: number): string | undefined;
/** The command line of a running process; undefined when gone. */
export function commandOf(pid: number): string | undefined;
