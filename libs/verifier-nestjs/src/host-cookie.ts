import type { HttpRequest } from './bearer-token.js';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** What a cookie that holds a credential is set with, as `@fastify/cookie` and Express name it. */
export interface CookieAttributes {
  readonly path: '/';
  readonly httpOnly: true;
  readonly secure: boolean;
  readonly sameSite: 'lax';
}

/** How a cookie is called, by where its pages come from. */
export interface CookieNames {
  /** The prefix binds it to one host and to HTTPS (RFC 6265bis §4.1.3.2). */
  readonly secure: `__Host-${string}`;
  /** On plain HTTP, which is for development on one machine, a browser takes no `__Host-` cookie. */
  readonly development: string;
}

/** A cookie in which a browser keeps a credential that scripts do not see, and where its pages may come from. */
export class HostCookie {
  readonly name: string;
  readonly attributes: CookieAttributes;
  readonly #origins: ReadonlySet<string>;

  /**
   * @param origins of the pages that may use it: `https://shop.example.com`
   * @throws TypeError for none, for what is no origin, and for plain HTTP that leaves the machine
   */
  constructor(names: CookieNames, origins: readonly string[]) {
    const urls = origins.map(parsed);
    if (urls.length === 0) throw new TypeError(`${names.secure} needs the origin of its pages`);
    const plain = urls.filter(({ protocol }) => protocol !== 'https:');
    for (const { origin, hostname } of plain)
      if (!LOOPBACK.test(hostname)) throw new TypeError(`${origin}: ${names.secure} needs https`);
    const secure = plain.length === 0;
    this.name = secure ? names.secure : names.development;
    this.attributes = { path: '/', httpOnly: true, secure, sameSite: 'lax' };
    this.#origins = new Set(urls.map(({ origin }) => origin));
  }

  /** Whether pages of this origin may use it. */
  isOrigin(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /**
   * What a request's cookie holds.
   *
   * @returns undefined where there is none, or more than one: which of them is meant is not guessed
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

function parsed(origin: string): URL {
  if (!URL.canParse(origin) || new URL(origin).origin === 'null')
    throw new TypeError(`${origin} is no origin such as https://shop.example.com`);
  return new URL(origin);
}
