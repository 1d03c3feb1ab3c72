import { z } from 'zod';

/**
 * Full case folding (Unicode §3.13) by what the language has: one code point at a time, so that a
 * sigma is the same at the end of a word, and twice, for a capital sharp s. A dotless i has a
 * capital in common with i, and yet folds to itself.
 */
const foldCase = (text: string) =>
  Array.from(text, (one) =>
    one === 'ı' ? one : Array.from(one.toUpperCase(), (upper) => upper.toLowerCase()).join(''),
  ).join('');
const fold = (text: string) => foldCase(foldCase(text.normalize('NFKC'))).normalize('NFKC');

/** The spelling by which an account is stored and found: names that differ by case or width only are one. */
export const canonicalUsername = (name: string): string => fold(fold(name));

/**
 * Combining marks follow a letter or digit: most scripts of India and Thai cannot be written without
 * them. Those that cannot be seen are left out, or two accounts could look alike in any font.
 */
const NAME =
  /^(?![._@+-])(?:[\p{L}\p{N}](?:(?!\p{Default_Ignorable_Code_Point})[\p{Mn}\p{Mc}])*|[._@+-])+$/u;

/** The name of an account: trimmed of nothing, compared without case. */
export const Username = z
  .string()
  .max(254)
  .meta({
    description:
      '3 to 254 letters, digits and . _ @ + -, a letter or digit first; compared without case',
  })
  // First: what folding makes of a name must itself be a name.
  .transform(canonicalUsername)
  .pipe(z.string().min(3).max(254).regex(NAME, 'must be letters, digits and . _ @ + -'));
