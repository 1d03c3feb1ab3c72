import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startTimeOf } from '../guardian/process-identity.mjs';

/** A takeover lasts microseconds; one that is older was left by a killed process. */
const TAKEOVER_AGE_MS = 5_000;

interface Holder {
  pid: number;
  startTime: string;
}

/** Somebody else holds the lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  constructor(
    readonly file: string,
    /** Undefined when it is being taken at this moment. */
    readonly pid: number | undefined,
  ) {
    super(`${file} is held by ${pid === undefined ? 'another process' : `process ${pid}`}`);
  }
}

/**
 * A lock that belongs to this process: another one gets it only after this one let go or is gone.
 * The holder is known by pid and start time, so that a reused pid holds nothing.
 */
export class ProcessLock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws {LockedError} when a living process holds it, this one included. */
  static acquire(file: string): ProcessLock {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (createOwned(file)) return new ProcessLock(file);
    const holder = livingHolder(file);
    if (holder) throw new LockedError(file, holder.pid);
    if (takeOver(file)) return new ProcessLock(file);
    throw new LockedError(file, livingHolder(file)?.pid);
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}

/** A link appears whole or not at all: nobody ever reads a lock without its holder. */
function createOwned(file: string): boolean {
  const self: Holder = { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two processes may find the same dead holder: only who holds the second file replaces it. */
function takeOver(file: string): boolean {
  const takeover = `${file}.takeover`;
  if (!createOwned(takeover)) {
    removeAbandoned(takeover);
    return false;
  }
  try {
    if (livingHolder(file)) return false;
    rmSync(file, { force: true });
    return createOwned(file);
  } finally {
    rmSync(takeover, { force: true });
  }
}

function removeAbandoned(takeover: string): void {
  const stats = statSync(takeover, { throwIfNoEntry: false });
  if (stats && Date.now() - stats.mtimeMs > TAKEOVER_AGE_MS) rmSync(takeover, { force: true });
}

function livingHolder(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    return startTimeOf(holder.pid) === holder.startTime ? holder : undefined;
  } catch {
    return undefined; // gone, or not a lock of ours
  }
}
