import { readTextFile, UnusableFileError } from './text-file.js';

const FILE = '_FILE';

/** What an environment says, before anybody asks whether it fits. */
export interface Variables {
  /** What is set, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** What could not be read, by name, with a sentence. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** The one place that decides what counts as set, and what `X_FILE` means. */
export function readVariables(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Variables {
  const given = (name: string) => {
    const value = environment[name];
    // `PORT=` and `PORT="${UNSET}"` are how a shell or a compose file says that nothing is there.
    return value === undefined || value.trim() === '' ? undefined : value;
  };
  const values: Record<string, string> = {};
  const unreadable = new Map<string, string>();
  for (const name of names) {
    const [value, path] = [given(name), isPath(name) ? undefined : given(name + FILE)];
    if (value !== undefined && path !== undefined)
      unreadable.set(name, `${name} is set twice: remove it or ${name}${FILE}`);
    else if (value !== undefined) values[name] = value;
    else if (path !== undefined) readInto(values, unreadable, name, path);
  }
  return { values, unreadable };
}

/** `NATS_CA_FILE` is a path itself, and not the file of a `NATS_CA`. */
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
