import { serverMetadata } from './server-metadata.controller.js';

describe('serverMetadata', () => {
  const metadata = serverMetadata('http://127.0.0.1:4000');

  it('has the members that RFC 8414 §2 requires', () => {
    expect(metadata.issuer).toBe('http://127.0.0.1:4000');
    expect(metadata.response_types_supported).toEqual([]);
    expect(metadata.token_endpoint).toBe('http://127.0.0.1:4000/oauth/token');
  });

  it('names no authorization endpoint and only supported grants', () => {
    expect(metadata).not.toHaveProperty('authorization_endpoint');
    expect(metadata.grant_types_supported).toEqual([
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ]);
  });
});
