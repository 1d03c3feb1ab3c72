import { TokenError, VerifierUnavailableError } from './errors.js';

describe('TokenError', () => {
  it('has a code and a detail, and does not pay for a stack trace', () => {
    const { stackTraceLimit } = Error;
    const cause = new Error('why');
    const error = new TokenError('malformed', 'no header', { cause });
    expect(error).toMatchObject({ name: 'TokenError', code: 'malformed', detail: 'no header' });
    expect(error.message).toBe('The token was rejected: it is not a well-formed JWT (no header)');
    expect(error.cause).toBe(cause);
    expect(error.stack).not.toContain(' at ');
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  it('can be created if stack traces cannot be turned off', () => {
    const own = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;
    Object.defineProperty(Error, 'stackTraceLimit', { ...own, writable: false });
    try {
      expect(new TokenError('revoked').code).toBe('revoked');
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', own);
    }
  });
});

describe('VerifierUnavailableError', () => {
  it('has a stack trace, because it is rare and has to be investigated', () => {
    expect(new VerifierUnavailableError('keys_unreachable').stack).toContain(' at ');
  });
});
