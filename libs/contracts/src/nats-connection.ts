/** Certificates of a connection to NATS. An empty object asks for TLS with the system's authorities. */
export interface NatsTls {
  /** Certificate authorities in PEM, in place of those of the system. */
  readonly ca?: string;
  /** A file with them. Files are read again at each connection, so a renewed one needs no restart. */
  readonly caFile?: string;
  /** The client's own certificate in PEM, for a server that asks for one. */
  readonly cert?: string;
  /** A file with it. */
  readonly certFile?: string;
  /** The key of that certificate in PEM. */
  readonly key?: string;
  /** A file with it. */
  readonly keyFile?: string;
  /** For a server with `handshake_first`: TLS begins before the server has said anything. */
  readonly handshakeFirst?: boolean;
}

/** Where NATS is, and how a client and a server prove to each other who they are. */
export interface NatsConnectionSettings<Authenticator = unknown> {
  /** `nats://host:port`, or `tls://host:port` to refuse a server without TLS; several with commas. */
  readonly servers: string;
  /**
   * Also decides the inbox prefix, `_INBOX_<user>`, since NATS lets a user listen to its own only, and
   * what receipts are called. With an `authenticator` it does no more than that.
   */
  readonly user?: string | undefined;
  /** Goes together with `user`. */
  readonly password?: string | undefined;
  /** Instead of `password`: `credsAuthenticator` or `nkeyAuthenticator` of the NATS client. */
  readonly authenticator?: Authenticator | undefined;
  /** Refuses a server without TLS, as `tls://` does. */
  readonly tls?: NatsTls | undefined;
}

/** What the NATS client takes of {@link NatsConnectionSettings}. */
export interface NatsClientOptions<Authenticator> {
  servers: string[];
  user?: string;
  pass?: string;
  inboxPrefix?: string;
  authenticator?: Authenticator;
  tls?: NatsTls;
}

/**
 * Reads a list of servers.
 *
 * @throws TypeError that says what is wrong, without any part of the list: there may be a password in it
 */
export function parseNatsServers(text: string): { servers: string[]; tls: boolean } {
  const urls = text.split(',').map((one) => parseServer(one.trim()));
  const secure = urls.filter(({ protocol }) => protocol === 'tls:');
  if (secure.length > 0 && secure.length < urls.length)
    throw new TypeError('must be tls:// for every server or for none');
  for (const { hostname } of secure) refuseAddress(hostname);
  return {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    tls: secure.length > 0,
  };
}

/**
 * The options that make the NATS client of `@nats-io/transport-node` keep what the settings say.
 *
 * @throws TypeError for settings that contradict each other
 */
export function natsClientOptions<Authenticator>(
  settings: NatsConnectionSettings<Authenticator>,
): NatsClientOptions<Authenticator> {
  const { user, tls } = settings;
  const { servers, tls: secure } = parseNatsServers(settings.servers);
  if (tls !== undefined) for (const url of servers) refuseAddress(new URL(url).hostname);
  return {
    servers,
    ...(user !== undefined && { inboxPrefix: `_INBOX_${user}` }),
    ...credentials(settings),
    // The client ignores the scheme. Only with this does it refuse, before it sends a password, a
    // server that offers no TLS.
    ...((secure || tls !== undefined) && { tls: tls ?? {} }),
  };
}

function credentials<Authenticator>(settings: NatsConnectionSettings<Authenticator>) {
  const { user, password: pass, authenticator } = settings;
  if (pass !== undefined && authenticator !== undefined)
    throw new TypeError('NATS takes a password or an authenticator, not both');
  if (pass !== undefined && user === undefined)
    throw new TypeError('a NATS password goes together with a user');
  if (authenticator !== undefined) return { authenticator };
  return { ...(user !== undefined && { user }), ...(pass !== undefined && { pass }) };
}

function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(nats|tls):$/.test(url.protocol) || url.host === '' || /\s/.test(text))
    throw new TypeError('must be URLs such as nats://host:4222 or tls://host:4222, commas between');
  // The client would drop them without a word.
  if (url.username !== '' || url.password !== '')
    throw new TypeError('must hold no user and no password: they have settings of their own');
  if (!/^\/?$/.test(url.pathname + url.search + url.hash))
    throw new TypeError('must hold nothing after the port');
  return url;
}

/** The NATS client compares the certificate of an address with the name `localhost`. */
function refuseAddress(hostname: string): void {
  if (/^\[|^[\d.]+$/.test(hostname))
    throw new TypeError(
      'must name hosts, not addresses, for TLS: a certificate is checked by name',
    );
}
