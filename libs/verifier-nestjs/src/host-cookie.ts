import type { HttpRequest } from './http-message.js';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Attributes of a cookie that holds a credential, named as `@fastify/cookie` and Express name them. */
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
   * @param origins origins of the pages that may use the cookie, such as `https://shop.example.com`
   * @throws TypeError if there is none, if one is not an origin, or if one is plain HTTP on another machine
   */
  constructor(names: CookieNames, origins: readonly string[]) {
    const urls = origins.map(parseOrigin);
    if (urls.length === 0)
      throw new TypeError(`The cookie ${names.secure} needs at least one allowed origin`);
    const plain = urls.filter(({ protocol }) => protocol !== 'https:');
    for (const { origin, hostname } of plain)
      if (!LOOPBACK.test(hostname))
        throw new TypeError(`The cookie ${names.secure} needs https, but an origin is ${origin}`);
    const secure = plain.length === 0;
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

function parseOrigin(origin: string): URL {
  if (!URL.canParse(origin) || new URL(origin).origin === 'null')
    throw new TypeError(`${origin} is not an origin such as https://shop.example.com`);
  return new URL(origin);
}
