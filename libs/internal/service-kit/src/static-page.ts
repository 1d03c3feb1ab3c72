import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Built files that a service serves below a path of its own. */
export interface StaticPage {
  /** With a slash at both ends: `/console/`. */
  readonly path: string;
  /** The folder of the built files, with an `index.html`. */
  readonly directory: string;
  /** What the page's scripts may connect to, besides the service itself: sources of `connect-src`. */
  readonly connectSources: readonly string[];
}

const YEAR_SECONDS = 31_536_000;
/** Vite gives a file in `assets` a new name when its content changes. */
const HASHED_FILE = /\/assets\/[^/]+-[\w-]{8}\.\w+$/;

/**
 * Serves a page with a Content-Security-Policy that allows no inline script or style, and nothing of other origins.
 * The metrics count all of its files as one route.
 */
export function addStaticPage(fastify: FastifyInstance, page: StaticPage, basePath: string): void {
  const headers = headersOf(page);
  void fastify.register(async (scope) => {
    scope.addHook('onRequest', (_request, reply, done) => {
      void reply.headers(headers);
      done();
    });
    await scope.register(fastifyStatic, {
      root: page.directory,
      prefix: page.path,
      decorateReply: false,
      dotfiles: 'ignore',
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => void reply.header('cache-control', cacheControlOf(path)),
    });
  });
  const address = publicPathOf(page, basePath);
  fastify.get(page.path.slice(0, -1), (_request, reply) => reply.redirect(address, 308));
}

/** The path of the page in a browser, where the service may be below the path of a proxy. */
export const publicPathOf = ({ path }: StaticPage, basePath: string): string =>
  basePath.replace(/\/+$/, '') + path;

/** Whether a browser asks for a page, rather than a program for JSON. */
export const wantsPage = ({ headers }: FastifyRequest): boolean =>
  /\btext\/html\b/i.test(headers.accept ?? '');

/** Keeps caches from giving a program the answer for a browser. CORS may have set the header before. */
export function varyByAccept(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  void reply.header('vary', [others ?? [], 'accept'].flat().join(', '));
}

/** `index.html` names the current files, so that it is always checked; the others never change. */
function cacheControlOf(path: string): string {
  const file = path.replace(/\.(?:br|gz)$/, '');
  return HASHED_FILE.test(file) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache';
}

function headersOf({ connectSources }: StaticPage): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...connectSources].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': DENIED_FEATURES.map((feature) => `${feature}=()`).join(', '),
  };
}

const DENIED_FEATURES = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'payment',
  'usb',
];
