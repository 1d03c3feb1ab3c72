import {
  anObject,
  conflict,
  nonEmptyString,
  optional,
  option,
  secretString,
} from './options/index.js';

/** TLS options of a NATS connection. An empty object means TLS with the system's certificate authorities. */
export interface NatsTls {
  /** Certificate authorities in PEM. Default: those of the system. */
  readonly ca?: string;
  /** A file with `ca`. Files are re-read at each connection, so that a renewal needs no restart. */
  readonly caFile?: string;
  /** The client certificate in PEM, for servers that require one. */
  readonly cert?: string;
  /** A file with `cert`. */
  readonly certFile?: string;
  /** The private key of `cert` in PEM. */
  readonly key?: string;
  /** A file with `key`. */
  readonly keyFile?: string;
  /** Start TLS before the server sends its INFO; for servers with `handshake_first`. */
  readonly handshakeFirst?: boolean;
}

/** How to reach NATS and how to authenticate. */
export interface NatsConnectionSettings<Authenticator = unknown> {
  /** Comma-separated URLs: `nats://host:port`, or `tls://host:port` to require TLS. */
  readonly servers: string;
  /**
   * The user name. It also determines the subject of receipts, and the inbox prefix `_INBOX_<user>`, so
   * that the server can restrict this user to its own replies. With an `authenticator`, it is not sent
   * as a credential.
   */
  readonly user?: string | undefined;
  /** Requires `user`. */
  readonly password?: string | undefined;
  /** `credsAuthenticator` or `nkeyAuthenticator` of the NATS client, instead of `password`. */
  readonly authenticator?: Authenticator | undefined;
  /** Requires TLS, like `tls://`. */
  readonly tls?: NatsTls | undefined;
}

/** The connection options of `@nats-io/transport-node`. */
export interface NatsClientOptions<Authenticator> {
  servers: string[];
  user?: string;
  pass?: string;
  inboxPrefix?: string;
  authenticator?: Authenticator;
  tls?: NatsTls;
}

/**
 * Parses a comma-separated list of servers.
 *
 * @throws TypeError if the list is invalid. The message continues the name of a setting ("must be …"), and
 *   does not quote the list, because it may contain a password
 */
export function parseNatsServers(text: string): { servers: string[]; tls: boolean } {
  const urls = text.split(',').map((one) => parseServer(one.trim()));
  const secure = urls.filter(({ protocol }) => protocol === 'tls:');
  if (secure.length > 0 && secure.length < urls.length)
    throw new TypeError('must use tls:// for all servers or for none');
  for (const { hostname } of secure) refuseAddress(hostname);
  return {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    tls: secure.length > 0,
  };
}

/**
 * Converts the settings to options of the NATS client.
 *
 * @throws TypeError that names the setting which is missing or invalid, or that contradicts another
 */
export function natsClientOptions<Authenticator>(
  settings: NatsConnectionSettings<Authenticator>,
): NatsClientOptions<Authenticator> {
  const { user, tls } = settings;
  checkTypes(settings);
  const { servers, tls: secure } = serversOf(settings);
  return {
    servers,
    ...(user !== undefined && { inboxPrefix: `_INBOX_${user}` }),
    ...credentials(settings),
    // The client ignores the URL's scheme. It refuses a server without TLS, before it sends a password,
    // only if this option is set.
    ...((secure || tls !== undefined) && { tls: tls ?? {} }),
  };
}

const TLS_TEXTS = ['ca', 'caFile', 'cert', 'certFile', 'key', 'keyFile'] as const;

function checkTypes({ servers, user, password, tls }: NatsConnectionSettings): void {
  option('servers', servers, secretString);
  optional('user', user, nonEmptyString);
  optional('password', password, secretString);
  optional('tls', tls, anObject);
  for (const name of TLS_TEXTS) optional(`tls.${name}`, tls?.[name], secretString);
}

function serversOf({ servers: text, tls }: NatsConnectionSettings) {
  try {
    const parsed = parseNatsServers(text);
    if (tls !== undefined) for (const url of parsed.servers) refuseAddress(new URL(url).hostname);
    return parsed;
  } catch (error) {
    throw new TypeError(`servers ${(error as Error).message}`, { cause: error });
  }
}

function credentials<Authenticator>(settings: NatsConnectionSettings<Authenticator>) {
  const { user, password: pass, authenticator } = settings;
  if (pass !== undefined && authenticator !== undefined)
    throw conflict('password', 'authenticator');
  if (pass !== undefined && user === undefined) throw new TypeError('password requires user');
  if (authenticator !== undefined) return { authenticator };
  return { ...(user !== undefined && { user }), ...(pass !== undefined && { pass }) };
}

function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(nats|tls):$/.test(url.protocol) || url.host === '' || /\s/.test(text))
    throw new TypeError('must be comma-separated URLs such as nats://host:4222 or tls://host:4222');
  // The client would silently ignore them.
  if (url.username !== '' || url.password !== '')
    throw new TypeError('must not contain a user or a password; they have settings of their own');
  if (!/^\/?$/.test(url.pathname + url.search + url.hash))
    throw new TypeError('must not contain anything after the port');
  return url;
}

/** For an IP address, the NATS client compares the certificate with `localhost`. */
function refuseAddress(hostname: string): void {
  if (/^\[|^[\d.]+$/.test(hostname))
    throw new TypeError(
      'must use host names instead of IP addresses for TLS, because certificates are checked by name',
    );
}
