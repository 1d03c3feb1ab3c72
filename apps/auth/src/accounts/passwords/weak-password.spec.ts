import fc from 'fast-check';
import { refuseOwnName, refuseWeakPassword } from './weak-password.js';

const refusal = (refuse: () => void): unknown => {
  try {
    refuse();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};
const judge = (password: string) => refusal(() => refuseWeakPassword(password, '/password'));

describe('refuseWeakPassword', () => {
  it.each([
    'aaaaaaaa',
    'AaAaAaAa',
    '        ',
    '🐎🐎🐎',
    'xyxyxyxy',
    'xyzxyzxyz',
    'blubblub',
    'bcdefghi',
    'BcDeFgHi',
    'ihgfedcb',
    '23456789',
    'αβγδεζηθ',
  ])('refuses %j', (password) => expect(judge(password)).toBe('weak_password'));

  it('refuses common passwords', () => expect(judge('password1')).toBe('common_password'));

  it.each(['correct horse', 'aaaaaaab', 'abcdefgx', 'acegikmo', 'xyxyxyx', '🐎🔋📎'])(
    'accepts %j',
    (password) => expect(judge(password)).toBeUndefined(),
  );

  it('does not backtrack on the longest password', () => {
    const longest = `${'ab'.repeat(511)}x`;
    expect(judge(longest)).toBeUndefined();
  });

  it('refuses any repetition of one character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), (one) => {
        fc.pre(Array.from(one).length <= 4);
        expect(judge(one.repeat(8))).toMatch(/^(weak|common)_password$/);
      }),
    );
  });
});

describe('refuseOwnName', () => {
  const own = (password: string, username = 'ada.lovelace') =>
    refusal(() => refuseOwnName(password, username, '/newPassword'));

  it.each(['ada.lovelace', 'Ada.Lovelace', ' ADA.LOVELACE ', 'ａｄａ.lovelace', 'ecalevol.ada'])(
    'refuses %j for ada.lovelace',
    (password) => expect(own(password)).toBe('weak_password'),
  );

  it('folds ß and ss alike', () => {
    expect(own('STRASSENBAU', 'strassenbau')).toBe('weak_password');
    expect(own('Straßenbau', 'strassenbau')).toBe('weak_password');
  });

  it.each(['ada.lovelace1', 'lovelace ada', 'adalovelace'])('accepts %j', (password) =>
    expect(own(password)).toBeUndefined(),
  );
});
