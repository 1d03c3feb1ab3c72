import { CommandError } from '../errors.js';
import { DEFAULT_URL, parseBaseUrl } from './base-url.js';

describe('the URL of auth', () => {
  it.each([
    [DEFAULT_URL, DEFAULT_URL],
    ['http://127.0.0.1:4000/', 'http://127.0.0.1:4000'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
    ['http://[::1]:4000', 'http://[::1]:4000'],
    ['HTTP://LOCALHOST', 'http://localhost'],
    ['https://auth.example.com', 'https://auth.example.com'],
    ['https://example.com/auth//', 'https://example.com/auth'],
  ])('may be %s', (text, url) => expect(parseBaseUrl(text, false)).toBe(url));

  it.each([
    'http://auth.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'http://[::2]',
  ])('may be %s only if plain HTTP is allowed', (text) => {
    expect(() => parseBaseUrl(text, false)).toThrow(/must not be sent over http/);
    expect(parseBaseUrl(text, true)).toBe(text);
  });

  it.each([
    ...['', ' ', 'localhost:4000', 'auth', 'ftp://localhost', 'file:///etc', 'https://'],
    ...['https://user@example.com', 'https://:pass@example.com', 'https://example.com?x=1'],
    'https://example.com#x',
  ])('must not be %j', (text) => expect(() => parseBaseUrl(text, true)).toThrow(CommandError));
});
