import { SessionCookie } from './session-cookie.js';

describe('SessionCookie', () => {
  it.each([
    ['https://shop.example.com', '__Host-session'],
    ['http://localhost:4000', 'session-development'],
  ])('for %s has the name %s', (origin, name) => {
    expect(new SessionCookie([origin]).name).toBe(name);
  });
});
