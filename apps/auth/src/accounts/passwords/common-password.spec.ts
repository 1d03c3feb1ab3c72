import commonPasswords from './common-passwords.json' with { type: 'json' };
import { isCommonPassword, refuseCommonPassword } from './common-password.js';

describe('the list of common passwords', () => {
  it('holds 3,000 distinct passwords', () => {
    expect(new Set(commonPasswords).size).toBe(3000);
  });

  it('is in lower case', () => {
    expect(commonPasswords.filter((password) => password !== password.toLowerCase())).toEqual([]);
  });
});

describe('isCommonPassword', () => {
  it.each(['password', 'PassWord', '12345678', 'qwertyuiop', 'iloveyou', 'trustno1'])(
    'recognizes %s',
    (password) => expect(isCommonPassword(password)).toBe(true),
  );

  it.each(['correct horse', ' password', 'password ', '🐎🐎', 'constructor'])(
    'accepts %j',
    (password) => expect(isCommonPassword(password)).toBe(false),
  );
});

describe('refuseCommonPassword', () => {
  it('names the field', () => {
    expect.assertions(1);
    try {
      refuseCommonPassword('password', '/newPassword');
    } catch (error) {
      expect(error).toMatchObject({
        status: 400,
        code: 'common_password',
        details: { errors: [{ field: '/newPassword' }] },
      });
    }
  });
});
