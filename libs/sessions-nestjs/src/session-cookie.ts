/** On plain HTTP, which is for development on one machine, a browser takes no `__Host-` cookie. */
export const DEVELOPMENT_COOKIE = 'session-development';
/** The prefix binds it to one host and to HTTPS (RFC 6265bis §4.1.3.2). */
export const SESSION_COOKIE = '__Host-session';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

export interface CookieAttributes {
  readonly path: '/';
  readonly httpOnly: true;
  readonly secure: boolean;
  readonly sameSite: 'lax';
}

/** What a browser keeps the credential in, and where its pages may come from. */
export class SessionCookie {
  readonly name: string;
  readonly attributes: CookieAttributes;
  readonly #origins: ReadonlySet<string>;

  /**
   * @param origins of the pages that may use it: `https://shop.example.com`
   * @throws TypeError for none, for what is no origin, and for plain HTTP that leaves the machine
   */
  constructor(origins: readonly string[]) {
    const urls = origins.map(parsed);
    if (urls.length === 0) throw new TypeError('a session cookie needs the origin of its pages');
    const plain = urls.filter(({ protocol }) => protocol !== 'https:');
    for (const { origin, hostname } of plain)
      if (!LOOPBACK.test(hostname)) throw new TypeError(`${origin}: a session needs https`);
    const secure = plain.length === 0;
    this.name = secure ? SESSION_COOKIE : DEVELOPMENT_COOKIE;
    this.attributes = { path: '/', httpOnly: true, secure, sameSite: 'lax' };
    this.#origins = new Set(urls.map(({ origin }) => origin));
  }

  isOrigin(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /** @returns undefined where there is none, or more than one: which of them is meant is not guessed */
  read(header: string | undefined): string | undefined {
    const values = (header ?? '').split(';').flatMap((pair) => {
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
