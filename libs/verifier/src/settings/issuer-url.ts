import { httpUrl, type OptionRule } from '@latchkey/contracts/options';

/** Joins an issuer and a path with exactly one slash. */
export const below = (issuer: string, path: string) => issuer.replace(/\/$/, '') + path;

/** An issuer from which a URL is derived, because the options that would replace the URL are missing. */
export const urlUnless = (options: string): OptionRule<string | URL> => ({
  ...httpUrl,
  allowed: `${httpUrl.allowed} unless ${options} is set`,
  isSecret: false,
});
