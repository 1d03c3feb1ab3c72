import { serviceAt } from './service-address.js';

describe('the address of a service', () => {
  it.each([
    ['http://127.0.0.1:4010/orders', '127.0.0.1:4010', 'http://127.0.0.1:4010', '/orders'],
    [
      '  https://Orders.Example.com/v1/orders?limit=1#x ',
      'orders.example.com',
      'https://orders.example.com',
      '/v1/orders?limit=1',
    ],
    ['https://orders.example.com', 'orders.example.com', 'https://orders.example.com', '/'],
    ['HTTPS://orders.example.com:443/a', 'orders.example.com', 'https://orders.example.com', '/a'],
    [
      'https://user:secret@orders.example.com/a',
      'orders.example.com',
      'https://orders.example.com',
      '/a',
    ],
  ])('%s is understood, without what is secret', (text, name, url, route) => {
    expect(serviceAt(text)).toEqual({ name, url, route });
  });

  it.each([
    '',
    '   ',
    'orders',
    '127.0.0.1:4010/orders',
    'javascript:alert(1)',
    'ftp://x/y',
    'http://',
    'http://a b/c',
  ])('%j is not one', (text) => expect(serviceAt(text)).toBeUndefined());
});
