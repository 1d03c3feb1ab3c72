import type { Program } from '../programs/ensure-program.js';
import type { ManagedProcess } from '../processes/managed-process.js';

/** A server on this machine that can be broken, or somebody's that is left alone. */
export interface LocalServer {
  /** What clients connect to. */
  readonly url: string;
  readonly port: number;
  /** What runs; undefined where it is not ours. */
  readonly server?: Program;
  /** The process; undefined when it does not run, is not ours, or is several. */
  readonly pid: number | undefined;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it on the same port and data. */
  restart(): Promise<void>;
  /** `SIGSTOP` and `SIGCONT` freeze and thaw it. */
  signal(signal: NodeJS.Signals): void;
}

/** A process of ours as what runs it sees it. */
export function ownServer(
  running: ManagedProcess,
  place: Required<Pick<LocalServer, 'url' | 'port' | 'server'>>,
): LocalServer {
  return {
    ...place,
    get pid() {
      return running.pid;
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    restart: () => running.restart(),
    signal: (signal) => running.signal(signal),
  };
}

/** Stays untouched by stop, kill and restart. */
export function existingServer(place: Pick<LocalServer, 'url' | 'port'>): LocalServer {
  const nothing = () => Promise.resolve();
  return {
    ...place,
    pid: undefined,
    stop: nothing,
    kill: nothing,
    restart: nothing,
    signal: () => undefined,
  };
}
