import {
  LOGGER,
  MetricsRegistry,
  ProblemError,
  sendProblem,
  urgently,
} from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { clientOf, hasReadableAddress } from './client-address.js';
import { FairQueue, type Leave } from './fair-queue.js';
import { watchForHangUp } from './hang-up.js';
import { routeClassOf, type RouteClass } from './route-classes.js';

/**
 * Requests beyond `atOnce` wait for one to be answered. Those of one class take turns by address (ADR 0030).
 * A waiting request costs a connection and a small body; a refused client would ask again at once.
 */
const QUEUES = {
  // Waits up to a second for NATS without using a connection to the database.
  urgent: { atOnce: 64, waiting: 4_000, longestWaitMilliseconds: 5_000 },
  // Most of these wait for the hasher, which has a queue of its own.
  password: { atOnce: 288, waiting: 1_000, longestWaitMilliseconds: 5_000 },
  // More at once would only wait for the ten connections, and make the event loop's turns longer. The wait
  // is long because a refusal costs the loop as much as an answer, and is answered with the next request.
  ordinary: { atOnce: 32, waiting: 4_000, longestWaitMilliseconds: 10_000 },
} satisfies Record<Exclude<RouteClass, 'always'>, unknown>;

const LOG_MILLISECONDS = 10_000;

/** Admits requests by class, so that those of strangers cost the others nothing but patience. */
@Injectable()
export class Admission {
  readonly #queues = {
    urgent: new FairQueue(QUEUES.urgent),
    password: new FairQueue(QUEUES.password),
    ordinary: new FairQueue(QUEUES.ordinary),
  };
  readonly #admitted = new WeakMap<FastifyRequest, Leave>();
  #loggedAt = -Infinity;
  #warned = false;

  constructor(
    metrics: MetricsRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    for (const [name, queue] of Object.entries(this.#queues)) {
      metrics.gauge(
        `latchkey_${name}_requests_waiting`,
        `Requests of class ${name} that wait to be admitted`,
        () => queue.waiting,
      );
      metrics.counter(
        `latchkey_${name}_requests_refused_total`,
        `Requests of class ${name} answered with 503 because too many waited, or for too long`,
        () => queue.refused,
      );
    }
  }

  addTo(fastify: FastifyInstance): void {
    // Once the body is there: a client that sends it slowly must not hold a place meanwhile.
    fastify.addHook('preValidation', (request, reply, done) => {
      const name = routeClassOf(request.method, request.routeOptions.url);
      if (name === 'always' || request.is404) done();
      else void this.#admit(name, request, reply, done);
    });
    // When the handler has ended. A client that hangs up earlier does not end its work.
    fastify.addHook('onSend', (request, _reply, payload, done) => {
      this.#admitted.get(request)?.();
      done(null, payload);
    });
  }

  async #admit(
    name: Exclude<RouteClass, 'always'>,
    request: FastifyRequest,
    reply: FastifyReply,
    done: () => void,
  ): Promise<void> {
    watchForHangUp(request, reply);
    const { address: key, signal } = clientOf(request);
    this.#warnOfUnreadable(request);
    try {
      this.#admitted.set(request, await this.#queues[name].enter({ key, signal }));
    } catch (error) {
      this.#refuse(name, reply, error);
      return;
    }
    if (name === 'urgent') urgently(done);
    else done();
  }

  #refuse(name: string, reply: FastifyReply, error: unknown): void {
    if (!(error instanceof ProblemError)) throw error;
    sendProblem(reply, error);
    // A line for each would be a second flood.
    if (error.status !== 503 || performance.now() - this.#loggedAt < LOG_MILLISECONDS) return;
    this.#loggedAt = performance.now();
    this.log.warn({ class: name }, 'more requests than can be answered: some are refused with 503');
  }

  #warnOfUnreadable(request: FastifyRequest): void {
    if (this.#warned || hasReadableAddress(request)) return;
    this.#warned = true;
    this.log.warn(
      'X-Forwarded-For names no address: such requests share the limits of the proxy that sent them. ' +
        'Let the proxy write the address of its client.',
    );
  }
}
