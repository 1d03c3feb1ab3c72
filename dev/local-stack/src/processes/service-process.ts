import { join } from 'node:path';
import { bareEnvironment } from '../config.js';
import type { Launcher } from './launcher.js';
import { ManagedProcess } from './managed-process.js';

export interface ServiceProcessOptions {
  processes: Launcher;
  /** For messages and for the log's name. */
  name: string;
  /** The built main module. */
  entry: string;
  /** A port that was reserved before: other services may have been told already. */
  port: number;
  /** What the service is to be configured with, beside `HOST` and `PORT`. */
  env: Readonly<Record<string, string>>;
  /** Gets `<name>.log`. */
  logDirectory: string;
  readyTimeoutMs?: number;
  /** For Node.js itself, before the module. */
  nodeFlags?: readonly string[];
}

/** One of our services as a process of its own, on the loopback interface. */
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
      args: ['--enable-source-maps', ...nodeFlags, entry],
      // Nothing but what a service is given, so that it runs here as it would elsewhere.
      env: { ...bareEnvironment(), ...env, HOST: '127.0.0.1', PORT: String(port) },
      logFile: this.logFile,
      isReady: () => this.#saysReady(),
      ...(readyTimeoutMs !== undefined && { readyTimeoutMs }),
    });
  }

  get running(): boolean {
    return this.#process.running;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Starts it and waits for `/health/ready`. @throws {ProcessStartError} with the end of its log */
  start(): Promise<void> {
    return this.#process.start();
  }

  /** Asks it to end; kills it when it does not. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** Ends it as a crash would. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Stops it if it runs, and starts it on the same port. */
  restart(): Promise<void> {
    return this.#process.restart();
  }

  /** `SIGSTOP` and `SIGCONT` freeze and thaw it. */
  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Resolves when it has ended. */
  ended(): Promise<void> {
    return this.#process.ended();
  }

  async #saysReady(): Promise<boolean> {
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
