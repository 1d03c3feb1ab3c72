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

/** What a lock file holds: its owner first, then whoever keeps it locked when the owner is gone. */
type Holders = [Holder, ...Holder[]];

/** Somebody else holds the lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  constructor(
    readonly file: string,
    /** A holder that is alive; undefined when it is being taken at this moment. */
    readonly pid: number | undefined,
    /** Whether that one took the lock itself; else it is cleaning up for one that is gone. */
    readonly isOwner: boolean,
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

  /**
   * @param successors pids that keep it locked while they live, when this process is gone
   * @throws {LockedError} when a living process holds it, this one included.
   */
  static acquire(file: string, successors: readonly number[] = []): ProcessLock {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const holders = [process.pid, ...successors].map((pid) => ({
      pid,
      startTime: startTimeOf(pid) ?? '',
    })) as Holders;
    if (createOwned(file, holders)) return new ProcessLock(file);
    if (!livingHolder(file) && takeOver(file, holders)) return new ProcessLock(file);
    const living = livingHolder(file);
    throw new LockedError(file, living?.pid, living?.isOwner ?? true);
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}

/** A link appears whole or not at all: nobody ever reads a lock without its holder. */
function createOwned(file: string, holders: Holders): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(holders), { flag: 'wx', mode: 0o600 });
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
function takeOver(file: string, holders: Holders): boolean {
  const takeover = `${file}.takeover`;
  if (!createOwned(takeover, holders)) {
    removeAbandoned(takeover);
    return false;
  }
  try {
    if (livingHolder(file)) return false;
    rmSync(file, { force: true });
    return createOwned(file, holders);
  } finally {
    rmSync(takeover, { force: true });
  }
}

function removeAbandoned(takeover: string): void {
  const stats = statSync(takeover, { throwIfNoEntry: false });
  if (stats && Date.now() - stats.mtimeMs > TAKEOVER_AGE_MS) rmSync(takeover, { force: true });
}

function livingHolder(file: string): { pid: number; isOwner: boolean } | undefined {
  try {
    const holders = JSON.parse(readFileSync(file, 'utf8')) as Holders;
    const index = holders.findIndex(({ pid, startTime }) => startTimeOf(pid) === startTime);
    const holder = holders[index];
    return holder && { pid: holder.pid, isOwner: index === 0 };
  } catch {
    return undefined; // gone, or not a lock of ours
  }
}
