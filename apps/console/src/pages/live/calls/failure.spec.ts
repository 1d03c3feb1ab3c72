import { failureOf } from './failure.js';

describe('the sentence about a request that failed', () => {
  it.each([
    [0, undefined, 'It failed: auth does not answer. Whether it was done is not known.'],
    [401, { title: 'Wrong name', code: 'x' }, 'It failed: Wrong name – 401'],
    [
      409,
      { title: 'Too new', detail: 'try again in 3 s' },
      'It failed: Too new: try again in 3 s – 409',
    ],
    [400, { error: 'invalid_grant', error_description: 'Used' }, 'It failed: Used – 400'],
    [502, undefined, 'It failed: the answer was 502'],
    [500, null, 'It failed: the answer was 500'],
    [500, { title: 7, detail: {} }, 'It failed: the answer was 500'],
  ])('for %s %j', (status, body, sentence) => {
    expect(failureOf({ status, body }, 'It failed')).toBe(sentence);
  });

  it.each([
    [{ server: 'orders' }, 'It failed: orders does not answer. Whether it was done is not known.'],
    [{ server: 'inventory', isHarmless: true }, 'It failed: inventory does not answer.'],
  ])('names the server, and whether anything is in doubt: %j', (asked, sentence) => {
    expect(failureOf({ status: 0, body: undefined }, 'It failed', asked)).toBe(sentence);
  });
});
