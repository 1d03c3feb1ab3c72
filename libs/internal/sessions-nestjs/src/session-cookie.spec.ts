import { SessionCookie } from './session-cookie.js';

describe('SessionCookie', () => {
  it.each([
    ['https://shop.example.com', '__Host-session'],
    ['http://localhost:4000', 'session-development'],
  ])('of %s is called %s', (origin, name) => {
    expect(new SessionCookie([origin]).name).toBe(name);
  });
});
