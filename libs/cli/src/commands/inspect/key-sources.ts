import { readKeys, type DecodedToken, type InspectorKey } from '@latchkey/inspector';
import { CommandError, usageError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';
import { readFileOrInput } from '../../terminal/read-input.js';
import { discoverKeySet } from './discovery.js';
import { isWebUrl, WebReader } from './web-reader.js';

/** Where keys come from. */
export interface KeyOptions {
  readonly jwks?: string;
  readonly key?: string;
  readonly secretFile?: string;
  readonly issuer?: string;
}

/**
 * The keys that were given, or those of the expected issuer, or those of the auth service that the
 * command is for. Never those that the token names. A server that does not answer is noted, not thrown:
 * the token can still be decoded.
 *
 * @throws CommandError for a file that cannot be read, or a URL that must not be fetched
 */
export async function keysOf(
  cli: Invocation,
  token: DecodedToken,
  options: KeyOptions,
): Promise<readonly InspectorKey[]> {
  const web = new WebReader(cli.fetch, cli.timeoutSeconds);
  const { jwks, key, secretFile } = options;
  const keys: InspectorKey[] = [];
  if (jwks !== undefined) keys.push(...(await keySetOf(cli, web, jwks)));
  if (key !== undefined) keys.push(...(await keysIn(cli, await readFileOrInput(key, cli.input))));
  if (secretFile !== undefined)
    keys.push(...(await readKeys(await readFileOrInput(secretFile, cli.input))).keys);
  if ([jwks, key, secretFile].some((option) => option !== undefined)) return keys;
  const issuer = options.issuer ?? ownIssuer(cli, token);
  if (issuer === undefined || !isWebUrl(issuer)) return [];
  return keysFrom(cli, () => discoverKeySet(web, issuer));
}

const keySetOf = async (cli: Invocation, web: WebReader, jwks: string) =>
  isWebUrl(jwks)
    ? keysFrom(cli, () => web.read(jwks))
    : keysIn(cli, await readFileOrInput(jwks, cli.input));

/** Keys of a token that the auth service of this command has issued. */
function ownIssuer(cli: Invocation, { claims }: DecodedToken): string | undefined {
  const { url } = cli.apiWithoutToken();
  return claims?.['iss'] === url ? url : undefined;
}

async function keysFrom(
  cli: Invocation,
  read: () => Promise<string>,
): Promise<readonly InspectorKey[]> {
  try {
    return await keysIn(cli, await read());
  } catch (error) {
    if (!(error instanceof CommandError) || error.problem.code !== 'keys_unreachable') throw error;
    const { title, detail = '' } = error.problem;
    cli.output.note(`latchkey: ${title}: ${detail}`);
    return [];
  }
}

/** Something else than a key must not be tried as a shared secret. */
async function keysIn(cli: Invocation, text: string): Promise<readonly InspectorKey[]> {
  const { form, keys, notes } = await readKeys(text);
  if (form === 'secret')
    throw usageError('This is neither a JWK, a JWKS, PEM nor a certificate', {
      hint: 'use --secret-file for a shared secret',
    });
  for (const { message } of notes) cli.output.note(`latchkey: ${message}`);
  return keys;
}
