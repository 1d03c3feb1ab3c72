import type { HttpRequest } from './http-message.js';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Attributes of a cookie that holds a credential, named as `@fastify/cookie` and Express name them. If you
 * add `maxAge`: `@fastify/cookie` counts seconds, Express milliseconds.
 */
export interface CookieAttributes {
  readonly path: '/';
  readonly httpOnly: true;
  readonly secure: boolean;
  readonly sameSite: 'lax';
}

/** Names of a cookie, for HTTPS and for plain HTTP. */
export interface CookieNames {
  /** The `__Host-` prefix binds the cookie to one host and to HTTPS (RFC 6265bis §4.1.3.2). */
  readonly secure: `__Host-${string}`;
  /** For development on one machine: browsers reject `__Host-` cookies on plain HTTP. */
  readonly development: string;
}

/** A cookie that holds a credential: hidden from scripts, and for pages of the allowed origins only. */
export class HostCookie {
  readonly name: string;
  readonly attributes: CookieAttributes;
  readonly #origins: ReadonlySet<string>;

  /**
   * @param origins origins of the pages that may use the cookie, such as `https://shop.example.com`: all
   *   https or, for development, all http on localhost
   * @param option the name of the option that holds the origins, for errors
   * @throws TypeError if there is no origin, one is not an origin, one is plain HTTP on another machine, or
   *   http and https are mixed
   */
  constructor(names: CookieNames, origins: readonly string[], option = 'origins') {
    const { urls, secure } = readOrigins(origins, option);
    this.name = secure ? names.secure : names.development;
    this.attributes = { path: '/', httpOnly: true, secure, sameSite: 'lax' };
    this.#origins = new Set(urls.map(({ origin }) => origin));
  }

  /** Whether pages of this origin may use the cookie. */
  readonly allowsOrigin = (origin: string): boolean => this.#origins.has(origin);

  /**
   * Reads the value of the cookie.
   *
   * @returns undefined if the cookie is missing, empty or was sent more than once: a second one may have
   *   been planted
   */
  read({ headers }: HttpRequest): string | undefined {
    const values = String(headers['cookie'] ?? '')
      .split(';')
      .flatMap((pair) => {
        const [name = '', ...value] = pair.split('=');
        return name.trim() === this.name ? [value.join('=').trim()] : [];
      });
    return values.length === 1 && values[0] !== '' ? values[0] : undefined;
  }
}

interface Origins {
  readonly urls: readonly URL[];
  readonly secure: boolean;
}

/** A cookie that is not `Secure` for one origin would be sent in the clear for all of them. */
function readOrigins(origins: readonly string[], option: string): Origins {
  if (!Array.isArray(origins) || origins.length === 0)
    throw new TypeError(`${option} must be an array of at least one origin`);
  const urls = origins.map((origin) => parseOrigin(origin, option));
  const plain = urls.filter(({ protocol }) => protocol === 'http:');
  const remote = plain.find(({ hostname }) => !LOOPBACK.test(hostname));
  if (remote)
    throw new TypeError(`${option}: ${remote.origin} must use https; only localhost may use http`);
  if (plain.length > 0 && plain.length < urls.length)
    throw new TypeError(`${option} must not mix http and https: the cookie would not be Secure`);
  return { urls, secure: plain.length === 0 };
}

/** Refuses a path, a query and a user, which an origin does not have. */
function parseOrigin(origin: unknown, option: string): URL {
  const url = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url;
  throw new TypeError(
    `${option} must contain origins such as https://shop.example.com, without a path`,
  );
}
