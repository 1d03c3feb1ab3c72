import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';

const WELL_KNOWN = /^\/\.well-known\/[^/]+$/;

/**
 * For a service whose public address has a path, such as `https://example.com/auth`. A proxy may keep
 * that path or strip it; either way the routes are found. Documents at `/.well-known/NAME` are also
 * found where RFC 8414 §3.1 puts them: at `/.well-known/NAME/auth`.
 *
 * A path that begins like a route of the service could be either, and is not stripped here: the proxy
 * must do it.
 */
export class BasePath {
  readonly #path: string;
  /** First segments of the service's own routes. */
  readonly #own = new Set<string>();

  /** @param path as in a URL; `/` for none */
  constructor(path: string) {
    this.#path = path.replace(/\/+$/, '');
  }

  /** To be called before the routes are added. */
  watchRoutes(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url }) => void this.#own.add(firstSegment(url)));
  }

  /** The path of a request as the routes know it. */
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
