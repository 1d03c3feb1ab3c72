import { z } from 'zod';

/**
 * Full case folding (Unicode §3.13), built from `toUpperCase` and `toLowerCase`. It works per code
 * point, because JavaScript lower-cases a final sigma differently. A dotless i folds to itself,
 * although it shares its capital letter with i. {@link fold} runs it twice for the capital sharp s.
 */
const foldCase = (text: string) =>
  Array.from(text, (one) =>
    one === 'ı' ? one : Array.from(one.toUpperCase(), (upper) => upper.toLowerCase()).join(''),
  ).join('');
const fold = (text: string) => foldCase(foldCase(text.normalize('NFKC'))).normalize('NFKC');

/** The form in which accounts are stored and looked up. Names that differ only in case or width are equal. */
export const canonicalUsername = (name: string): string => fold(fold(name));

/**
 * Letters and digits may carry combining marks, which Thai and most scripts of India need. Invisible
 * marks are excluded, because two accounts could look alike in any font.
 */
const NAME =
  /^(?![._@+-])(?:[\p{L}\p{N}](?:(?!\p{Default_Ignorable_Code_Point})[\p{Mn}\p{Mc}])*|[._@+-])+$/u;

/** A user name. It is not trimmed, and is compared case-insensitively. */
export const Username = z
  .string()
  .max(254)
  .meta({
    description:
      '3 to 254 letters, digits and . _ @ + -, starting with a letter or digit; case-insensitive',
  })
  // Fold before validation, so that the folded name is valid, too.
  .transform(canonicalUsername)
  .pipe(z.string().min(3).max(254).regex(NAME, 'must be letters, digits and . _ @ + -'));
