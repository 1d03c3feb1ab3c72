import { readKeys, type InspectorKey } from '@latchkey/inspector';
import { z } from 'zod';
import { CommandError, usageError } from '../../errors.js';
import type { Invocation } from '../../invocation.js';
import { readFileOrInput } from '../../terminal/read-input.js';
import { discoverKeySet } from './discovery.js';
import type { TokenOwner } from './token-owner.js';
import { isWebUrl, WebReader } from './web-reader.js';

/** Where keys come from. */
export interface KeyOptions {
  readonly jwks?: string;
  readonly key?: string;
  readonly secretFile?: string;
  readonly issuer?: string;
}

/**
 * The keys that were given. A server that does not answer is noted, not thrown: the token can still be decoded.
 *
 * @returns undefined if none were given
 * @throws CommandError for a file that cannot be read, or a URL that must not be fetched
 */
export async function givenKeys(
  cli: Invocation,
  { jwks, key, secretFile }: KeyOptions,
): Promise<readonly InspectorKey[] | undefined> {
  const keys: InspectorKey[] = [];
  if (jwks !== undefined) keys.push(...(await keySetOf(cli, jwks)));
  if (key !== undefined) keys.push(...(await keysIn(cli, await readFileOrInput(key, cli.input))));
  if (secretFile !== undefined)
    keys.push(...(await readKeys(await readFileOrInput(secretFile, cli.input))).keys);
  return [jwks, key, secretFile].some((option) => option !== undefined) ? keys : undefined;
}

/**
 * The keys of the expected issuer, or of the auth service if it has issued the token. Never those that the token names.
 *
 * @throws CommandError for a URL that must not be fetched
 */
export async function issuerKeys(
  cli: Invocation,
  issuer: string | undefined,
  owner: TokenOwner,
): Promise<readonly InspectorKey[]> {
  if (issuer !== undefined)
    return isWebUrl(issuer) ? keysFrom(cli, () => discoverKeySet(readerOf(cli), issuer)) : [];
  return owner === 'auth' ? keysFrom(cli, () => ownKeySet(cli)) : [];
}

const readerOf = (cli: Invocation) => new WebReader(cli.fetch, cli.timeoutSeconds);

const KeySet = z.looseObject({ keys: z.array(z.unknown()) });

/** The key set of auth at the address of this command, from which the one in its metadata may not be reachable. */
async function ownKeySet(cli: Invocation): Promise<string> {
  const { api } = cli.apiWithoutToken();
  return JSON.stringify(await api.get('/.well-known/jwks.json', KeySet));
}

const keySetOf = async (cli: Invocation, jwks: string) =>
  isWebUrl(jwks)
    ? keysFrom(cli, () => readerOf(cli).read(jwks))
    : keysIn(cli, await readFileOrInput(jwks, cli.input));

async function keysFrom(
  cli: Invocation,
  read: () => Promise<string>,
): Promise<readonly InspectorKey[]> {
  try {
    return await keysIn(cli, await read());
  } catch (error) {
    if (!(error instanceof CommandError) || error.problem.code === 'invalid_usage') throw error;
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
