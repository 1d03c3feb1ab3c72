import {
  ACCESS_TOKEN_TYPE_URI,
  SESSION_TOKEN_TYPE_URI,
  TRANSACTION_TOKEN_TYPE_URI,
} from '@latchkey/contracts/auth-api';

const NO_TOKEN = 'The subject token is not a live token of a user for this client';
const wide = JSON.stringify({ a: 'x'.repeat(2048) });
const deep = JSON.stringify({ a: { b: { c: { d: {} } } } });

type Refusal = [title: string, wrong: Record<string, string>, error: string, description: string];

/** Everything that a request for a transaction token can get wrong, one parameter at a time. An empty one counts as missing. */
export const MALFORMED_REQUESTS: readonly Refusal[] = [
  ['no audience', { audience: '' }, 'invalid_request', 'audience is missing'],
  [
    'a service as audience',
    { audience: 'payments' },
    'invalid_target',
    'The audience must be the trust domain',
  ],
  [
    'another spelling of the trust domain',
    { audience: 'Shop.example' },
    'invalid_target',
    'The audience must be the trust domain',
  ],
  [
    'a resource',
    { resource: 'payments' },
    'invalid_target',
    'The audience must be the trust domain',
  ],
  ['no scope', { scope: '' }, 'invalid_request', 'scope is missing'],
  ['a blank scope', { scope: ' ' }, 'invalid_scope', 'The scope exceeds what can be granted: '],
  [
    'a scope that the user lacks',
    { scope: 'payments:charge' },
    'invalid_scope',
    'The scope exceeds what can be granted: ',
  ],
  [
    'a scope that the client may use at one of the services that know it, but not at another',
    { scope: 'payments:read' },
    'invalid_scope',
    'The scope exceeds what can be granted: ',
  ],
  [
    'a scope of a service that the client may not call',
    { scope: 'orders:read' },
    'invalid_scope',
    'The scope exceeds what can be granted: ',
  ],
  [
    'one scope too many',
    { scope: 'payments:write auth:admin' },
    'invalid_scope',
    'The scope exceeds what can be granted: ',
  ],
  ['no subject token', { subject_token: '' }, 'invalid_request', 'subject_token is missing'],
  ['another subject token', { subject_token: 'nonsense' }, 'invalid_request', NO_TOKEN],
  [
    'no type of the subject token',
    { subject_token_type: '' },
    'invalid_request',
    'subject_token_type is not supported: send ',
  ],
  ...[
    'urn:ietf:params:oauth:token-type:refresh_token',
    'urn:ietf:params:oauth:token-type:id_token',
    'urn:ietf:params:oauth:token-type:jwt',
    'urn:ietf:params:oauth:token-type:self_signed',
    'urn:ietf:params:oauth:token-type:unsigned_json',
    // This auth service runs without a session store.
    SESSION_TOKEN_TYPE_URI,
    'access_token',
  ].map((type): Refusal => [
    `a subject token of type ${type}`,
    { subject_token_type: type },
    'invalid_request',
    'subject_token_type is not supported: send ',
  ]),
  [
    'an access token called a transaction token',
    { subject_token_type: TRANSACTION_TOKEN_TYPE_URI },
    'invalid_request',
    'The subject token is not a live transaction token',
  ],
  [
    'an actor token',
    { actor_token: 'x' },
    'invalid_request',
    'actor_token is not supported; the caller of each service is its actor',
  ],
  [
    'the type of an actor token',
    { actor_token_type: ACCESS_TOKEN_TYPE_URI },
    'invalid_request',
    'actor_token is not supported; the caller of each service is its actor',
  ],
  ...['request_context', 'request_details'].flatMap((name): Refusal[] =>
    [
      ['text', 'must be a JSON object'],
      ['"text"', 'must be a JSON object'],
      ['[]', 'must be a JSON object'],
      ['null', 'must be a JSON object'],
      [wide, 'must have at most 2048 bytes'],
      [deep, 'must have at most 4 levels'],
      ['{"__proto__":{"admin":true}}', 'must not have a member __proto__'],
      ['{"a":{"constructor":1}}', 'must not have a member constructor'],
      ['{"a":1e999}', 'has a value that JSON cannot express'],
    ].map(([text = '', problem = '']) => [
      `${name} ${text.slice(0, 30)}`,
      { [name]: text },
      'invalid_request',
      `${name} ${problem}`,
    ]),
  ),
  [
    'another requested type',
    { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    'invalid_request',
    `requested_token_type must be ${ACCESS_TOKEN_TYPE_URI}`,
  ],
];
