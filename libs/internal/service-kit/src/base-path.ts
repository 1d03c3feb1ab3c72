import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';

const WELL_KNOWN = /^\/\.well-known\/[^/]+$/;

/**
 * Routes requests of a service whose public address has a path, such as `https://example.com/auth`, whether the
 * proxy keeps that path or strips it. Documents at `/.well-known/NAME` are also served where RFC 8414 §3.1 puts
 * them: at `/.well-known/NAME/auth`.
 *
 * A base path that starts like one of the service's own routes is ambiguous, so the proxy must strip it.
 */
export class BasePath {
  readonly #path: string;
  /** The first segments of the service's own routes. */
  readonly #own = new Set<string>();

  /** @param path the path of the public URL; `/` if it has none */
  constructor(path: string) {
    this.#path = path.replace(/\/+$/, '');
  }

  /** Call it before the routes are added. */
  watchRoutes(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url }) => void this.#own.add(firstSegment(url)));
  }

  /** Returns the request's URL without the base path. */
  readonly strip = ({ url = '/' }: Pick<IncomingMessage, 'url'>): string => {
    if (this.#path === '') return url;
    const end = url.indexOf('?');
    const [path, query] = end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end)];
    const document = path.endsWith(this.#path) ? path.slice(0, -this.#path.length) : '';
    if (WELL_KNOWN.test(document)) return document + query;
    if (this.#own.has(firstSegment(this.#path))) return url;
    if (path === this.#path) return `/${query}`;
    return path.startsWith(`${this.#path}/`) ? path.slice(this.#path.length) + query : url;
  };
}

const firstSegment = (path: string) => path.split('/')[1] ?? '';
