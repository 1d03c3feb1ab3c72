import type { Program } from '../programs/ensure-program.js';
import type { ManagedProcess } from '../processes/managed-process.js';

/** A server that the stack started and controls, or an existing one that it leaves alone. */
export interface LocalServer {
  /** The URL for clients. */
  readonly url: string;
  readonly port: number;
  /** The program; undefined for an existing server. */
  readonly server?: Program;
  /** Undefined if the server does not run, is an existing one, or consists of several processes. */
  readonly pid: number | undefined;
  /** Shuts the server down. */
  stop(): Promise<void>;
  /** Ends the server with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Stops the server if it runs, and starts it on the same port and data. */
  restart(): Promise<void>;
  /** Sends a signal: `SIGSTOP` and `SIGCONT` freeze and thaw the server. */
  signal(signal: NodeJS.Signals): void;
}

/** A server that the stack started. */
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

/** An existing server. `stop`, `kill`, `restart` and `signal` do nothing. */
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
