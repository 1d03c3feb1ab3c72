import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LISTED_SERVICES } from './services/listed-services.mjs';

/** @typedef {import('./compose-project.mjs').ComposeProject} ComposeProject */

const MANAGEMENT = ['/metrics', '/health/ready', '/health/live', '/docs', '/docs-json'];
/** Exceeds the bound on the delay of a log-out: a token that is accepted after this was not revoked. */
const REJECTED_WITHIN_MILLISECONDS = 10_000;
const CALL_MILLISECONDS = 15_000;

/** A step did not have the expected result. */
export class TrialError extends Error {
  name = 'TrialError';
}

/** Calls a replica from inside its container, because the proxy chooses the replica for a call from outside. */
const ASK = `
let token = '';
for await (const chunk of process.stdin) token += chunk;
const [url] = process.argv.slice(1);
const { status } = await fetch(url, { headers: { authorization: 'Bearer ' + token.trim() } });
console.log('status=' + status);
`;

/** Exercises the stack as a user does, and checks the results. */
export class ContainerTrial {
  #token = '';
  #username = `user-${randomUUID()}`;
  #password = randomBytes(12).toString('hex');

  /**
   * @param {ComposeProject} project
   * @param {Record<string, string>} urls
   * @param {number} replicas of orders
   */
  constructor(project, urls, replicas) {
    this.project = project;
    this.urls = urls;
    this.replicas = replicas;
  }

  async logIn() {
    const credentials = { username: this.#username, password: this.#password };
    await this.#expect(202, this.urls.auth, '/register', { body: credentials });
    const login = await this.#expect(200, this.urls.auth, '/login', { body: credentials });
    this.#token = login.access_token;
    return 'a user registered and logged in';
  }

  async order() {
    const { products } = await this.#expect(200, this.urls.inventory, '/products');
    const product = products.find((/** @type {any} */ { available }) => available > 0);
    const { state } = await this.#expect(201, this.urls.orders, '/orders', {
      body: { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' },
      headers: { 'idempotency-key': randomUUID() },
    });
    if (state !== 'paid') throw new TrialError(`the order is ${state}, not paid`);
    return `"${product.name}" was ordered and paid, across several services`;
  }

  async management() {
    for (const [service, url] of Object.entries(this.urls)) {
      for (const path of MANAGEMENT) {
        const { status } = await fetch(url + path, {
          signal: AbortSignal.timeout(CALL_MILLISECONDS),
        });
        if (status !== 404)
          throw new TrialError(`the proxy publishes ${path} of ${service}: ${status}`);
      }
    }
    return `the proxy publishes none of ${MANAGEMENT.join(', ')}`;
  }

  /** Restarts the replicas of orders one after another, under load. */
  async restarts() {
    const containers = await this.project.containersOf('orders');
    if (containers.length !== this.replicas) {
      throw new TrialError(
        `${containers.length} of ${this.replicas} replicas of orders are running`,
      );
    }
    const watch = this.#callContinuously();
    for (const container of containers) await this.project.restart(container);
    const { calls, failed } = await watch.stop();
    if (failed.length > 0) {
      throw new TrialError(
        `${failed.length} of ${calls} calls failed: ${[...new Set(failed)].join(', ')}`,
      );
    }
    return `0 of ${calls} calls failed while every replica of orders was restarted`;
  }

  async logOut() {
    await this.#acceptedEverywhere();
    await this.#expect(204, this.urls.auth, '/logout', { method: 'POST' });
    const end = performance.now() + REJECTED_WITHIN_MILLISECONDS;
    let statuses = await this.#everywhere();
    while (statuses.some(([, status]) => status !== 401) && performance.now() < end) {
      statuses = await this.#everywhere();
    }
    const others = statuses.filter(([, status]) => status !== 401);
    if (others.length > 0)
      throw new TrialError(`after the log-out, not every replica rejects: ${listed(others)}`);
    return `${statuses.length} of ${statuses.length} replicas reject the token: 401`;
  }

  async #acceptedEverywhere() {
    const others = (await this.#everywhere()).filter(([, status]) => status !== 200);
    if (others.length > 0)
      throw new TrialError(`before the log-out, not every replica accepts: ${listed(others)}`);
  }

  /** @returns {Promise<[string, number][]>} */
  async #everywhere() {
    const all = [];
    for (const [service, { port, sampleRoute }] of Object.entries(LISTED_SERVICES)) {
      const url = `http://127.0.0.1:${port}${sampleRoute}`;
      for (const container of await this.project.containersOf(service)) {
        all.push(this.#ask(`${service} ${container.slice(0, 12)}`, container, url));
      }
    }
    return Promise.all(all);
  }

  /**
   * @param {string} name
   * @param {string} container
   * @param {string} url
   * @returns {Promise<[string, number]>}
   */
  async #ask(name, container, url) {
    const args = ['node', '--input-type=module', '-e', ASK, url];
    const output = await this.project.inside(container, args, this.#token);
    return [name, Number(/status=(\d+)/.exec(output)?.[1] ?? 0)];
  }

  /** Sends reads and writes: a proxy may repeat the former, and must not lose the latter. */
  #callContinuously() {
    /** @type {string[]} */
    const failed = [];
    let calls = 0;
    let stopping = false;
    const caller = async (/** @type {RequestInit} */ init) => {
      while (!stopping) {
        calls++;
        const outcome = await this.#outcome(init);
        if (outcome !== undefined) failed.push(outcome);
        await delay(20);
      }
    };
    const get = { headers: this.#headers() };
    // The schemas reject these writes before they have an effect, so a 400 comes from the service itself.
    // The proxy may repeat the write with a key, and never the other one.
    const post = { method: 'POST', headers: this.#headers(), body: '{}' };
    const keyed = { ...post, headers: { ...this.#headers(), 'idempotency-key': 'trial' } };
    const callers = [get, get, post, keyed].map(caller);
    return {
      stop: async () => {
        stopping = true;
        await Promise.all(callers);
        return { calls, failed };
      },
    };
  }

  /** @param {RequestInit} init */
  async #outcome(init) {
    try {
      const signal = AbortSignal.timeout(CALL_MILLISECONDS);
      const response = await fetch(`${this.urls.orders}/orders`, { ...init, signal });
      await response.arrayBuffer();
      if (response.status < 500) return undefined;
      return `${init.method ?? 'GET'} ${response.status}`;
    } catch (error) {
      return `${init.method ?? 'GET'} ${error instanceof Error ? error.message : error}`;
    }
  }

  #headers() {
    return { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
  }

  /**
   * @param {number} wanted
   * @param {string} url
   * @param {string} path
   * @param {{ method?: string, body?: object, headers?: Record<string, string> }} [request]
   * @returns {Promise<any>}
   */
  async #expect(wanted, url, path, { method, body, headers } = {}) {
    const response = await fetch(url + path, {
      method: method ?? (body ? 'POST' : 'GET'),
      headers: {
        ...(this.#token !== '' && { authorization: `Bearer ${this.#token}` }),
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MILLISECONDS),
    });
    const text = await response.text();
    if (response.status === wanted) return text === '' ? undefined : JSON.parse(text);
    const code = /"code":"(\w+)"/.exec(text)?.[1] ?? '';
    throw new TrialError(`${path} returned ${response.status} ${code}, not ${wanted}`);
  }
}

/** @param {[string, number][]} statuses */
const listed = (statuses) => statuses.map(([name, status]) => `${name}: ${status}`).join(', ');
