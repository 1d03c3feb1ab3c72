import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canEnter, databaseUser } from '../processes/database-user.js';
import { generateOnce, resolveStateDirectory } from './state-directory.js';

const modeOf = (path: string) => statSync(path).mode & 0o777;
const asRoot = process.getuid?.() === 0 ? it : it.skip;

describe('state directory', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'latchkey-checkout-'));
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  describe('generateOnce', () => {
    it('generates a secret once, readable only by its owner', () => {
      const secret = generateOnce(checkout, 'postgres-password');
      expect(secret).toMatch(/^s[0-9a-f]{48}$/);
      expect(generateOnce(checkout, 'postgres-password')).toBe(secret);
      expect(generateOnce(checkout, 'other')).not.toBe(secret);
      expect(modeOf(join(checkout, 'secrets'))).toBe(0o700);
      expect(modeOf(join(checkout, 'secrets', 'other'))).toBe(0o600);
      expect(readdirSync(join(checkout, 'secrets')).sort()).toEqual(['other', 'postgres-password']);
    });
  });

  describe('resolveStateDirectory', () => {
    it('always returns the same directory, which the database account can enter', () => {
      const directory = resolveStateDirectory(checkout);
      expect(canEnter(databaseUser(), directory)).toBe(true);
      expect(modeOf(directory)).toBe(0o711);
      expect(resolveStateDirectory(checkout)).toBe(directory);
      if (!directory.startsWith(checkout)) rmSync(directory, { recursive: true });
    });

    it('refuses a link that another user may have created', () => {
      mkdirSync(join(checkout, 'elsewhere'));
      symlinkSync(join(checkout, 'elsewhere'), join(checkout, '.latchkey'));
      expect(() => resolveStateDirectory(checkout)).toThrow(/belongs to another user/);
    });

    asRoot('chooses another place if the database account cannot enter the checkout', () => {
      const closed = join(checkout, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const directory = resolveStateDirectory(join(closed, 'latchkey'));
      expect(directory.startsWith(checkout)).toBe(false);
      expect(canEnter(databaseUser(), directory)).toBe(true);
      rmSync(directory, { recursive: true });
    });
  });
});
