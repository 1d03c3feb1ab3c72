import { join } from 'node:path';
import { bareEnvironment } from '../config.js';
import type { Launcher } from './launcher.js';
import { ManagedProcess } from './managed-process.js';

export interface ServiceProcessOptions {
  processes: Launcher;
  /** The name in messages and of the log file. */
  name: string;
  /** The compiled main module. */
  entry: string;
  /** A reserved port, so that other services can be told the address before this one starts. */
  port: number;
  /** The configuration, in addition to `HOST` and `PORT`. */
  env: Readonly<Record<string, string>>;
  /** The directory of `<name>.log`. */
  logDirectory: string;
  readyTimeoutMs?: number;
  /** Command-line options of Node.js. */
  nodeFlags?: readonly string[];
}

/** A service that runs as a process and listens on 127.0.0.1. */
export class ServiceProcess {
  readonly name: string;
  readonly url: string;
  readonly logFile: string;
  readonly #process: ManagedProcess;

  constructor(options: ServiceProcessOptions) {
    const { processes, name, entry, port, env, readyTimeoutMs, nodeFlags = [] } = options;
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.logFile = join(options.logDirectory, `${name}.log`);
    this.#process = new ManagedProcess({
      processes,
      name,
      command: process.execPath,
      args: [...nodeFlags, entry],
      // Only its own configuration, so that the service behaves as it would elsewhere.
      env: { ...bareEnvironment(), ...env, HOST: '127.0.0.1', PORT: String(port) },
      logFile: this.logFile,
      isReady: () => this.#isReady(),
      ...(readyTimeoutMs !== undefined && { readyTimeoutMs }),
    });
  }

  get running(): boolean {
    return this.#process.running;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Starts the service and waits for `/health/ready`. @throws {ProcessStartError} */
  start(): Promise<void> {
    return this.#process.start();
  }

  /** Shuts the service down, or kills it if it does not end in time. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** Ends the service with SIGKILL, as a crash would. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Stops the service if it runs, and starts it on the same port. */
  restart(): Promise<void> {
    return this.#process.restart();
  }

  /** Sends a signal: `SIGSTOP` and `SIGCONT` freeze and thaw the service. */
  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Resolves when the service has ended. */
  ended(): Promise<void> {
    return this.#process.ended();
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/health/ready`, {
        signal: AbortSignal.timeout(1_000),
        headers: { connection: 'close' },
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false; // not listening yet
    }
  }
}
