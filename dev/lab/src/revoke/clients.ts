import { moment } from '@latchkey/load-generator';
import { Agent, get } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { ACCEPTED, REFUSED, type Call } from './calls.js';

/** Timeout of a call. */
const ANSWER_MILLISECONDS = 5_000;
/** Time limit for the first responses of services that have just started. */
const FIRST_ANSWERS_MILLISECONDS = 20_000;
const NONE = 0;

/** The calls of all clients. */
export interface ClientsOptions {
  /** Replicas of the service; each client always calls the same one. */
  readonly urls: readonly string[];
  readonly path: string;
  /** The credential that all clients share. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clients: number;
  /** The rate of all clients together. */
  readonly callsPerSecond: number;
}

/**
 * Clients that call in turn, at a steady rate (open loop). A call begins when it is due, whatever became
 * of earlier ones; a client stops calling once it was refused.
 */
export class Clients {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #calls: Call[] = [];
  readonly #accepted = new Set<number>();
  readonly #refused = new Set<number>();
  #until = Infinity;
  #ended: Promise<void> | undefined;

  constructor(private readonly options: ClientsOptions) {}

  /** Resolves once every client was accepted. @throws Error if that takes too long */
  async begin(): Promise<void> {
    this.#ended = this.#run();
    const deadline = moment() + FIRST_ANSWERS_MILLISECONDS;
    while (this.#accepted.size < this.options.clients) {
      if (moment() < deadline && this.#refused.size === 0) {
        await turn();
        continue;
      }
      this.#until = -Infinity;
      const seen = [...new Set(this.#calls.map(({ status }) => status))].join(', ');
      throw new Error(`not every client was accepted before the log-out; seen: ${seen || 'none'}`);
    }
  }

  /** Returns all calls since the start, once every client was refused or the time is over. */
  async watch(until: number): Promise<Call[]> {
    this.#until = until;
    await this.#ended;
    return this.#calls;
  }

  async #run(): Promise<void> {
    const { clients, callsPerSecond } = this.options;
    const start = moment();
    const answers: Promise<void>[] = [];
    for (let index = 0; this.#refused.size < clients && moment() < this.#until;) {
      const dueAt = start + (index * 1000) / callsPerSecond;
      if (moment() < dueAt) {
        await turn(); // Busy-waits, because timers can be a millisecond late.
        continue;
      }
      const client = index++ % clients;
      if (!this.#refused.has(client)) answers.push(this.#call(client));
    }
    await Promise.all(answers);
    this.#agent.destroy();
  }

  async #call(client: number): Promise<void> {
    const { urls, path, headers } = this.options;
    const url = `${urls[client % urls.length]!}${path}`;
    const beganAt = moment();
    const status = await statusOf(url, headers, this.#agent);
    this.#calls.push({ client, beganAt, endedAt: moment(), status });
    if (status === ACCEPTED) this.#accepted.add(client);
    if (status === REFUSED) this.#refused.add(client);
  }
}

/** @returns the status of a complete response, or 0 */
function statusOf(
  url: string,
  headers: Readonly<Record<string, string>>,
  agent: Agent,
): Promise<number> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(ANSWER_MILLISECONDS);
    const request = get(url, { headers, agent, signal }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? NONE));
      response.once('error', () => resolve(NONE));
    });
    request.once('error', () => resolve(NONE));
  });
}
