export const keys = {
  title: 'Key',
  lead: 'What the signature is checked with.',
  source: 'Where the key comes from',
  sources: { system: 'This system', text: 'Paste', url: 'URL' },
  pasteLabel: 'JWK, JWKS, PEM, certificate or shared secret',
  pastePlaceholder: '{ "keys": [ … ] }   or   -----BEGIN PUBLIC KEY-----   or   a secret',
  urlLabel: 'Address of a key set, or of an issuer’s metadata',
  urlPlaceholder: 'https://issuer.example/.well-known/jwks.json',
  fetch: 'Fetch',
  ofIssuer: 'Fill in the issuer’s usual address',
  issuer: (issuer: string) => `Keys of ${issuer}`,
  foreign:
    'The token names another issuer, so the keys of this system are not tried. Paste its key, or enter the address.',
  fitting: 'fits the signature',
  noKid: 'no kid',
  fetching: {
    notAnAddress: 'This is not an address. It has to begin with https://.',
    unsafe:
      'The address has to begin with https://, because anybody on the way could exchange the keys. Only localhost and 127.0.0.1 may use http://.',
    credentials: 'The address must not contain a user or a password.',
    late: 'The server did not answer in time.',
    unreadable:
      'The browser could not read it: the server cannot be reached, or does not let pages of other origins read it (CORS). Paste the keys instead.',
    status: (status: number) => `The server answered with ${status}.`,
    tooLarge: 'The answer is too large for a key set.',
  },
  expected: {
    title: 'Expected',
    lead: (tolerance: number) =>
      `What the service that gets the token would demand. Empty fields are not checked. Clocks may differ by ${tolerance} s, as for Latchkey’s verifiers, unless you say otherwise.`,
    issuer: 'Issuer (iss)',
    audience: 'Audience (aud)',
    type: 'Type (typ)',
    tolerance: 'Clock tolerance in seconds',
    lifetime: 'Longest lifetime in seconds',
  },
} as const;
