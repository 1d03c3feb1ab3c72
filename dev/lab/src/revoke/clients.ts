import { moment } from '@latchkey/load-generator';
import { Agent, get } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { ACCEPTED, REFUSED, type Call } from './calls.js';

/** Who has no answer by then gets none. */
const ANSWER_MILLISECONDS = 5_000;
/** For the first answers, of services that have just started. */
const FIRST_ANSWERS_MILLISECONDS = 20_000;
const NONE = 0;

/** Who calls whom with what, and how often. */
export interface ClientsSetting {
  /** Replicas of the service; a client stays with its one. */
  readonly urls: readonly string[];
  readonly path: string;
  /** With the one credential that all of them have. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clients: number;
  /** Of all clients together. */
  readonly callsPerSecond: number;
}

/**
 * Clients that call in turn, evenly spread over time. A call begins when it is due, whatever became of
 * those before, until its client was refused.
 */
export class Clients {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #calls: Call[] = [];
  readonly #accepted = new Set<number>();
  readonly #refused = new Set<number>();
  #until = Infinity;
  #ended: Promise<void> | undefined;

  constructor(private readonly setting: ClientsSetting) {}

  /** Resolves once each client was accepted. @throws Error when that takes too long */
  async begin(): Promise<void> {
    this.#ended = this.#run();
    const deadline = moment() + FIRST_ANSWERS_MILLISECONDS;
    while (this.#accepted.size < this.setting.clients) {
      if (moment() < deadline && this.#refused.size === 0) {
        await turn();
        continue;
      }
      this.#until = -Infinity;
      const seen = [...new Set(this.#calls.map(({ status }) => status))].join(', ');
      throw new Error(`not every client was accepted before the log-out; seen: ${seen || 'none'}`);
    }
  }

  /** All calls since the begin, once each client was refused or the time is over. */
  async watch(until: number): Promise<Call[]> {
    this.#until = until;
    await this.#ended;
    return this.#calls;
  }

  async #run(): Promise<void> {
    const { clients, callsPerSecond } = this.setting;
    const start = moment();
    const answers: Promise<void>[] = [];
    for (let index = 0; this.#refused.size < clients && moment() < this.#until;) {
      const dueAt = start + (index * 1000) / callsPerSecond;
      if (moment() < dueAt) {
        await turn(); // spins: a timer would be up to a millisecond late
        continue;
      }
      const client = index++ % clients;
      if (!this.#refused.has(client)) answers.push(this.#call(client));
    }
    await Promise.all(answers);
    this.#agent.destroy();
  }

  async #call(client: number): Promise<void> {
    const { urls, path, headers } = this.setting;
    const url = `${urls[client % urls.length]!}${path}`;
    const beganAt = moment();
    const status = await statusOf(url, headers, this.#agent);
    this.#calls.push({ client, beganAt, endedAt: moment(), status });
    if (status === ACCEPTED) this.#accepted.add(client);
    if (status === REFUSED) this.#refused.add(client);
  }
}

/** @returns that of the whole answer, or 0 for none */
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
