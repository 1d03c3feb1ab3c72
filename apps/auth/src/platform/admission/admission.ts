import {
  LOGGER,
  MetricsRegistry,
  poolSizeOf,
  ProblemError,
  sendProblem,
  urgently,
} from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { senderOf, hasReadableAddress } from './sender.js';
import { FairQueue, type FairQueueOptions, type Release } from './fair-queue.js';
import { watchForDisconnect } from './client-disconnect.js';
import { routeClassOf, type RouteClass } from './route-classes.js';

/** A request holds a connection for a part of its time only. */
const ORDINARY_REQUESTS_PER_CONNECTION = 3.2;

/**
 * Requests beyond `concurrency` wait, and addresses take turns within a class (ADR 0030). Waiting is cheap: it
 * costs a connection and a small body, whereas a refused client retries at once.
 */
const queuesFor = (poolSize: number) =>
  ({
    // These wait up to a second for NATS without holding a database connection.
    urgent: { concurrency: 64, maxWaiting: 4_000, maxWaitMilliseconds: 5_000 },
    // Most of these wait in the hasher's own queue.
    password: { concurrency: 288, maxWaiting: 1_000, maxWaitMilliseconds: 5_000 },
    // Files need no database connection, but the threads that read them hash passwords as well.
    page: { concurrency: 16, maxWaiting: 500, maxWaitMilliseconds: 5_000 },
    // More would only wait for a connection and lengthen event loop turns. The wait is long because a refusal
    // costs the loop as much as an answer, and makes the client retry.
    ordinary: {
      concurrency: Math.ceil(ORDINARY_REQUESTS_PER_CONNECTION * poolSize),
      maxWaiting: 4_000,
      maxWaitMilliseconds: 10_000,
    },
  }) satisfies Record<Exclude<RouteClass, 'always'>, FairQueueOptions>;

const LOG_MILLISECONDS = 10_000;

/** Admits requests by class, so that a flood can delay other clients but not starve them. */
@Injectable()
export class Admission {
  readonly #queues: Record<Exclude<RouteClass, 'always'>, FairQueue>;
  readonly #admitted = new WeakMap<FastifyRequest, Release>();
  #loggedAt = -Infinity;
  #warned = false;

  constructor(
    dataSource: DataSource,
    metrics: MetricsRegistry,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    const queues = queuesFor(poolSizeOf(dataSource));
    this.#queues = {
      urgent: new FairQueue(queues.urgent),
      password: new FairQueue(queues.password),
      page: new FairQueue(queues.page),
      ordinary: new FairQueue(queues.ordinary),
    };
    for (const [name, queue] of Object.entries(this.#queues)) {
      metrics.gauge(
        `latchkey_${name}_requests_waiting`,
        `Requests of class ${name} waiting for admission`,
        () => queue.waiting,
      );
      metrics.counter(
        `latchkey_${name}_requests_refused_total`,
        `Requests of class ${name} refused with 503 because the queue was full or the wait too long`,
        () => queue.refused,
      );
    }
  }

  addTo(fastify: FastifyInstance): void {
    // Admission follows the body, so that a client that sends it slowly does not hold a slot.
    fastify.addHook('preValidation', (request, reply, done) => {
      const name = routeClassOf(request.method, request.routeOptions.url);
      if (name === 'always' || request.is404) done();
      else void this.#admit(name, request, reply, done);
    });
    // The slot is held until the handler ends, because a disconnect does not stop its work.
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
    watchForDisconnect(request, reply);
    const { address: key, signal } = senderOf(request);
    this.#warnOfUnreadable(request);
    try {
      this.#admitted.set(request, await this.#queues[name].acquire({ key, signal }));
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
    // Logging every refusal would flood the log.
    if (error.status !== 503 || performance.now() - this.#loggedAt < LOG_MILLISECONDS) return;
    this.#loggedAt = performance.now();
    this.log.warn({ class: name }, 'the service is overloaded: some requests are refused with 503');
  }

  #warnOfUnreadable(request: FastifyRequest): void {
    if (this.#warned || hasReadableAddress(request)) return;
    this.#warned = true;
    this.log.warn(
      "X-Forwarded-For holds no readable address, so such requests share the proxy's rate limits. " +
        "Configure the proxy to write its client's address.",
    );
  }
}
