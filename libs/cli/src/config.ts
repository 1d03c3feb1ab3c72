import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { usageError } from './errors.js';

/** What the command reads from its environment. */
export interface Environment {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  /** The folder of this command's own files. */
  readonly directory: string;
}

/**
 * Reads the variables of the command. An empty one counts as absent, as in the services.
 *
 * @throws CommandError for a blank variable, or for two that exclude each other
 */
export function environmentOf(env: NodeJS.ProcessEnv): Environment {
  const read = (name: string) => {
    const value = env[name];
    if (value === undefined || value === '') return undefined;
    if (value.trim() === '') throw usageError(`${name} is blank; set it or remove it`);
    return value.trim();
  };
  const [token, tokenFile] = [read('LATCHKEY_TOKEN'), read('LATCHKEY_TOKEN_FILE')];
  if (token !== undefined && tokenFile !== undefined)
    throw usageError('LATCHKEY_TOKEN and LATCHKEY_TOKEN_FILE are both set; remove one of them');
  return { url: read('LATCHKEY_URL'), token, tokenFile, directory: directoryOf(env) };
}

/** The environment of this process. */
export const processEnvironment = (): NodeJS.ProcessEnv => process.env;

/** The XDG specification says that a relative path is ignored. */
function directoryOf(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CONFIG_HOME'];
  const root = base !== undefined && isAbsolute(base) ? base : join(homedir(), '.config');
  return join(root, 'latchkey');
}
