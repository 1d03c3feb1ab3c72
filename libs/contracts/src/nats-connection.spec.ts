import { natsClientOptions, parseNatsServers } from './nats-connection.js';

const PASSWORD = 'hunter2';
const outcomeOf = (text: string): string => {
  try {
    return JSON.stringify(parseNatsServers(text));
  } catch (error) {
    return (error as Error).message;
  }
};

describe('parseNatsServers', () => {
  it.each([
    ['nats://a', ['nats://a'], false],
    ['nats://a:4222, nats://10.0.0.2:4223 ', ['nats://a:4222', 'nats://10.0.0.2:4223'], false],
    ['NATS://[::1]:4222/', ['nats://[::1]:4222'], false],
    ['tls://a:4222,TLS://b.example.com', ['tls://a:4222', 'tls://b.example.com'], true],
  ])('reads %s', (text, servers, tls) => {
    expect(parseNatsServers(text)).toEqual({ servers, tls });
  });

  it.each([
    ['', 'URLs'],
    [' ', 'URLs'],
    ['nats://a,', 'URLs'],
    ['nats://', 'URLs'],
    ['nats:// a', 'URLs'],
    ['a:4222', 'URLs'],
    ['localhost:4222', 'URLs'],
    ['ws://a', 'URLs'],
    ['nats://a:port', 'URLs'],
    ['nats://a:4222/x', 'after the port'],
    ['nats://a?x=1', 'after the port'],
    [`nats://ada:${PASSWORD}@a`, 'must not contain a user'],
    [`nats://${PASSWORD}@a`, 'must not contain a user'],
    ['tls://a,nats://b', 'for all servers or for none'],
    ['tls://127.0.0.1:4222', 'instead of IP addresses'],
    ['tls://[::1]:4222', 'instead of IP addresses'],
  ])('refuses %j without quoting it', (text, message) => {
    expect(outcomeOf(text)).toContain(message);
    expect(outcomeOf(text)).not.toContain(PASSWORD);
  });
});

/** Ignores the cause, which `toThrow` compares too. */
const typeError = (message: string) =>
  expect.objectContaining({ name: 'TypeError', message }) as Error;

describe('natsClientOptions', () => {
  const authenticator = () => ({});

  it('requires TLS only if a URL or the settings do', () => {
    expect(natsClientOptions({ servers: 'nats://a' })).toEqual({ servers: ['nats://a'] });
    expect(natsClientOptions({ servers: 'tls://a' })).toEqual({ servers: ['tls://a'], tls: {} });
    const tls = { caFile: '/ca.pem' };
    for (const servers of ['nats://a', 'tls://a'])
      expect(natsClientOptions({ servers, tls })).toEqual({ servers: [servers], tls });
  });

  it('passes on TLS settings that it does not know', () => {
    const tls = { caFile: '/ca.pem', handshakeFirst: true, servername: 'nats.test', other: {} };
    expect(natsClientOptions({ servers: 'tls://a', tls })).toEqual({ servers: ['tls://a'], tls });
  });

  it('gives each user its own inbox prefix, with a password or an authenticator', () => {
    const servers = 'nats://a';
    expect(natsClientOptions({ servers, user: 'orders', password: PASSWORD })).toEqual({
      ...{ servers: [servers], user: 'orders', pass: PASSWORD },
      inboxPrefix: '_INBOX_orders',
    });
    expect(natsClientOptions({ servers, user: 'orders', authenticator })).toEqual({
      ...{ servers: [servers], authenticator },
      inboxPrefix: '_INBOX_orders',
    });
  });

  it.each([
    [{ password: PASSWORD }, 'password requires user'],
    [
      { user: 'orders', password: PASSWORD, authenticator },
      'password and authenticator cannot be combined; remove one of them',
    ],
    [
      { servers: 'nats://127.0.0.1', tls: {} },
      'servers must use host names instead of IP addresses for TLS, because certificates are checked by name',
    ],
  ])('refuses settings that contradict each other: %j', (settings, message) => {
    expect(() => natsClientOptions({ servers: 'nats://a', ...settings })).toThrow(
      typeError(message),
    );
  });

  it.each<[object, string]>([
    [{ servers: undefined }, 'servers must be a non-empty string; it is missing'],
    [{ servers: ['nats://a'] }, 'servers must be a non-empty string; it is an array'],
    [
      { servers: `http://${PASSWORD}` },
      'servers must be comma-separated URLs such as nats://host:4222 or tls://host:4222',
    ],
    [{ user: '' }, 'user must be a non-empty string; it is an empty string'],
    [{ user: 'orders', password: 5 }, 'password must be a non-empty string; it is 5'],
    [{ tls: '/ca.pem' }, 'tls must be an object; it is the string "/ca.pem"'],
    [{ tls: { caFile: null } }, 'tls.caFile must be a non-empty string; it is null'],
  ])('names the setting that is missing or invalid: %j', (settings, message) => {
    const all = { servers: 'nats://a', ...settings };
    expect(() => natsClientOptions(all as never)).toThrow(typeError(message));
  });
});
