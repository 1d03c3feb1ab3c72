import { HINTS } from '../src/auth/hints.js';
import { FakeProcess, type FakeAnswer } from './fake-process.js';

const problem = (status: number, code: string, more: object = {}): FakeAnswer => [
  status,
  { type: `urn:latchkey:problem:${code}`, title: 'The title', status, code, ...more },
];
const failed = (message: string) => new TypeError('fetch failed', { cause: new Error(message) });
const timeout = () => new DOMException('The operation timed out', 'TimeoutError');

let fake: FakeProcess;
beforeEach(() => {
  fake = new FakeProcess(() => [204]);
});
afterEach(() => {
  fake.close();
});

const answering = (answer: FakeAnswer | Error, ...args: string[]) => {
  fake.answer = () => answer;
  return fake.run(...(args.length > 0 ? args : ['keys', 'list']));
};

it.each<[string, FakeAnswer | Error, number, string]>([
  ['a refusal', problem(403, 'insufficient_scope'), 1, 'insufficient_scope'],
  ['a conflict', problem(409, 'next_key_too_new'), 1, 'next_key_too_new'],
  ['too many requests', problem(429, 'too_many_attempts'), 1, 'too_many_attempts'],
  ['a problem of auth', problem(500, 'internal_error'), 3, 'internal_error'],
  ['an overloaded auth', problem(503, 'overloaded'), 3, 'overloaded'],
  ['a proxy without auth', [502, '<html>'], 3, 'auth_unavailable'],
  ['a proxy that is waiting', [504, ''], 3, 'auth_unavailable'],
  ['a redirect', [302, ''], 3, 'unexpected_answer'],
  ['a page', [200, '<html>'], 3, 'unexpected_answer'],
  ['other JSON', [200, { keys: 'none' }], 3, 'unexpected_answer'],
  ['an unknown path', [404, { error: 'not found' }], 3, 'unexpected_answer'],
  ['no connection', failed('connect ECONNREFUSED 127.0.0.1:4000'), 3, 'auth_unreachable'],
  ['no answer in time', timeout(), 3, 'auth_timeout'],
])('%s', async (_, answer, code, problemCode) => {
  const json = await answering(answer, 'keys', 'list', '--json');
  expect(json).toMatchObject({ code, stdout: '' });
  expect(json.stderr).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(json.stderr)).toMatchObject({ code: problemCode });
  const text = await answering(answer);
  expect(text).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/^latchkey: /) });
  expect(json.stderr + text.stderr).not.toContain('a-token');
});

it('takes a success without the expected answer for another server', async () => {
  expect((await answering([200, {}], 'user', 'enable', 'ada')).code).toBe(3);
  expect((await answering([202, {}], 'user', 'disable', 'ada', '-y')).code).toBe(3);
});

it.each([
  ['keys rotate', timeout(), true],
  ['keys rotate', failed('read ECONNRESET'), true],
  ['keys rotate', failed('connect ECONNREFUSED 127.0.0.1:4000'), false],
  ['keys list', timeout(), false],
])('%s says whether it may have taken effect: %s', async (args, answer, unknown) => {
  const { stderr } = await answering(answer, ...args.split(' '));
  expect(stderr.includes('not known whether the request took effect')).toBe(unknown);
});

it('names the reason of the first address if all fail', async () => {
  const cause = new AggregateError([new Error('connect ECONNREFUSED ::1:4000'), new Error('x')]);
  const { stderr } = await answering(new TypeError('fetch failed', { cause }));
  expect(stderr).toContain('\n  connect ECONNREFUSED ::1:4000\n');
});

it('shows the detail, the fields, the hint and the request id', async () => {
  const errors = [{ in: 'body', field: '/roles/0', message: 'is unknown' }];
  const more = { detail: 'the known roles are admin', errors, requestId: 'r-1' };
  const { stderr } = await answering(problem(404, 'user_not_found', more));
  expect(stderr).toBe(
    'latchkey: The title\n  the known roles are admin\n  /roles/0 is unknown\n' +
      '  Try: latchkey user list\n  (404 user_not_found, request r-1)\n',
  );
});

it.each([...HINTS])('says what to do about %s', async (code, hint) => {
  const { stderr } = await answering(problem(400, code));
  expect(stderr).toContain(`  Try: ${hint}\n`);
});

it.each(['constructor', '__proto__', 'something_new'])('has no hint for %s', async (code) => {
  expect((await answering(problem(400, code))).stderr).not.toContain('Try:');
});

it('never lets an answer control the terminal', async () => {
  const title = 'Evil \u001b[2J\u009b1m\u202e title';
  const { stderr } = await answering([400, { ...{ type: 'x', status: 400, code: 'x' }, title }]);
  expect(stderr).toContain('latchkey: Evil \ufffd[2J\ufffd1m\ufffd title\n');
});
