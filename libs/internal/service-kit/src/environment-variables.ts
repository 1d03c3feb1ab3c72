import { readTextFile, UnusableFileError } from './text-file.js';

const FILE = '_FILE';

/** An environment as it was read, before it is validated. */
export interface Variables {
  /** The variables that are set. */
  readonly values: Readonly<Record<string, string>>;
  /** The variables that could not be read, each with a message. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Decides which variables count as set, and reads those that `X_FILE` names a file for. */
export function readVariables(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Variables {
  const given = (name: string) => {
    const value = environment[name];
    // Shells and compose files pass an unset variable on as an empty one: `PORT="${UNSET}"`.
    return value === undefined || value.trim() === '' ? undefined : value;
  };
  const values: Record<string, string> = {};
  const unreadable = new Map<string, string>();
  for (const name of names) {
    const [value, path] = [given(name), isPath(name) ? undefined : given(name + FILE)];
    if (value !== undefined && path !== undefined)
      unreadable.set(name, `${name} is set twice: remove either ${name} or ${name}${FILE}`);
    else if (value !== undefined) values[name] = value;
    else if (path !== undefined) readInto(values, unreadable, name, path);
  }
  return { values, unreadable };
}

/** `NATS_CA_FILE` is itself a path, not the file of a `NATS_CA`. */
const isPath = (name: string) => name.endsWith(FILE);

function readInto(
  values: Record<string, string>,
  unreadable: Map<string, string>,
  name: string,
  path: string,
): void {
  try {
    values[name] = readTextFile(path);
  } catch (error) {
    if (!(error instanceof UnusableFileError)) throw error;
    unreadable.set(name, `${name}${FILE} is wrong: ${error.message}`);
  }
}
