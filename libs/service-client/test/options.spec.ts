import {
  createServiceClient,
  createServiceTokens,
  type ServiceClientOptions,
  type ServiceTokensOptions,
} from '../src/index.js';

const TOKENS: ServiceTokensOptions = {
  issuer: 'https://auth.example.com',
  clientId: 'orders',
  authentication: { clientSecret: 'hunter2-secret' },
  revocations: 'ignore',
};
const CLIENT: ServiceClientOptions = {
  service: 'inventory',
  baseUrl: 'https://inventory.example.com',
  scopes: 'a',
  tokens: createServiceTokens(TOKENS),
};

describe('createServiceTokens', () => {
  it.each<[string, unknown]>([
    ['issuer', undefined],
    ['issuer', 'auth.example.com'],
    ['issuer', 'http://auth.example.com'],
    ['issuer', 'https://ada:hunter2-secret@auth.example.com'],
    ['issuer', 'https://auth.example.com?x=y'],
    ['issuer', 'ftp://auth.example.com'],
    ['clientId', ''],
    ['clientId', undefined],
    ['authentication', undefined],
    ['authentication', 'hunter2-secret'],
    ['authentication', null],
    ['revocations', undefined],
    ['revocations', 'accept'],
    ['revocations', {}],
    ['tokenEndpoint', 'http://auth.example.com/token'],
    ['tokenEndpoint', ''],
    ['audienceParameter', 'aud'],
    ['allowHttp', 'true'],
    ['maxEntries', 0],
    ['maxEntries', '10'],
    ['timeoutSeconds', 0],
    ['timeoutSeconds', Infinity],
    ['bulkhead', []],
    ['bulkhead.limit', { limit: 0 }],
    ['bulkhead.limit', { limit: '20' }],
    ['bulkhead.limit', { limit: Infinity }],
    ['bulkhead.queue', { queue: -1 }],
    ['bulkhead.queue', { queue: 0.5 }],
    ['circuit', []],
    ['circuit.failures', { failures: 0 }],
    ['circuit.pauseMilliseconds', { pauseMilliseconds: '5' }],
    ['circuit.maxPauseMilliseconds', { maxPauseMilliseconds: -1 }],
    ['onEvent', 'log'],
    ['now', 5],
    ['monotonicNow', 5],
  ])('refuses %s: %p', (name, value) => {
    const [option = ''] = name.split('.');
    const create = () => createServiceTokens({ ...TOKENS, [option]: value });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new RegExp(`^${name.replace('.', '\\.')}`));
    expect(create).not.toThrow(/hunter2/);
  });

  it.each([
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://[::1]:80',
    'http://auth.localhost',
  ])('allows plain HTTP on this machine: %s', (issuer) =>
    expect(() => createServiceTokens({ ...TOKENS, issuer })).not.toThrow(),
  );

  it('allows plain HTTP to another machine on request', () => {
    const issuer = 'http://auth:3000';
    expect(() => createServiceTokens({ ...TOKENS, issuer, allowHttp: true })).not.toThrow();
  });

  it.each([
    ['', 'a'],
    ['inventory', 'a"b'],
    ['inventory', 'a\\b'],
    ['inventory', ['a b']],
    ['inventory', ['a', 5 as unknown as string]],
    ['inventory', 'ä'],
    ['inventory', 'a\nb'],
  ])('refuses the audience %j with the scopes %j', async (audience, scopes) => {
    await expect(createServiceTokens(TOKENS).own(audience, scopes)).rejects.toThrow(TypeError);
  });
});

describe('createServiceClient', () => {
  it.each<[keyof ServiceClientOptions, unknown]>([
    ['service', ''],
    ['baseUrl', undefined],
    ['baseUrl', '/api'],
    ['baseUrl', 'http://inventory:3000'],
    ['baseUrl', 'https://ada:hunter2-secret@inventory.example.com'],
    ['baseUrl', 'https://inventory.example.com/?x'],
    ['baseUrl', 'https://inventory.example.com/#x'],
    ['audience', ''],
    ['scopes', 'ä'],
    ['tokens', undefined],
    ['allowHttp', 1],
    ['timeoutMilliseconds', 0],
    ['timeoutMilliseconds', 2 ** 40],
    ['retries', -1],
    ['retries', 1.5],
    ['maxReplyBytes', '5'],
    ['circuit', 5],
    ['context', {}],
  ])('refuses %s: %p', (name, value) => {
    const create = () => createServiceClient({ ...CLIENT, [name]: value });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new RegExp(`^${name}`));
    expect(create).not.toThrow(/hunter2/);
  });
});
