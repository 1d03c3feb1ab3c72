/** Plain JavaScript, because the setup uses it before anything is installed or compiled. */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startTimeOf } from './process-identity.mjs';

/** A takeover lasts microseconds. An older one was left behind by a process that was killed. */
const TAKEOVER_AGE_MS = 5_000;

/**
 * A lock file lists its owner first, then the successors that keep it locked after the owner has ended.
 * @typedef {{ pid: number, startTime: string }} Holder
 */

/** Another process, or another part of this one, holds the lock. */
export class LockedError extends Error {
  name = 'LockedError';

  /**
   * @param {string} file
   * @param {number | undefined} pid
   * @param {boolean} isOwner
   */
  constructor(file, pid, isOwner) {
    super(`${file} is held by ${pid === undefined ? 'another process' : `process ${pid}`}`);
    this.file = file;
    this.pid = pid;
    this.isOwner = isOwner;
  }
}

/**
 * A lock file owned by this process. Another process can take it once this one has released it or
 * has ended. Holders are identified by pid and start time, so that a reused pid holds nothing.
 */
export class ProcessLock {
  #file;

  /** @param {string} file */
  constructor(file) {
    this.#file = file;
  }

  /**
   * @param {string} file
   * @param {readonly number[]} successors
   */
  static acquire(file, successors = []) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const holders = [process.pid, ...successors].map((pid) => ({
      pid,
      startTime: startTimeOf(pid) ?? '',
    }));
    if (createOwned(file, holders)) return new ProcessLock(file);
    if (!livingHolder(file) && takeOver(file, holders)) return new ProcessLock(file);
    const living = livingHolder(file);
    throw new LockedError(file, living?.pid, living?.isOwner ?? true);
  }

  release() {
    rmSync(this.#file, { force: true });
  }
}

/**
 * Creates the lock by linking a complete file, so that no process reads a lock without its holders.
 * @param {string} file
 * @param {readonly Holder[]} holders
 */
function createOwned(file, holders) {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(holders), { flag: 'wx', mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Replaces the lock of a dead holder. Several processes may find it dead at once; only the one that
 * creates the second lock file may replace it.
 * @param {string} file
 * @param {readonly Holder[]} holders
 */
function takeOver(file, holders) {
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

/** @param {string} takeover */
function removeAbandoned(takeover) {
  const stats = statSync(takeover, { throwIfNoEntry: false });
  if (stats && Date.now() - stats.mtimeMs > TAKEOVER_AGE_MS) rmSync(takeover, { force: true });
}

/**
 * @param {string} file
 * @returns {{ pid: number, isOwner: boolean } | undefined}
 */
function livingHolder(file) {
  try {
    /** @type {Holder[]} */
    const holders = JSON.parse(readFileSync(file, 'utf8'));
    const index = holders.findIndex(({ pid, startTime }) => startTimeOf(pid) === startTime);
    const holder = holders[index];
    return holder && { pid: holder.pid, isOwner: index === 0 };
  } catch {
    return undefined; // the file is gone or is not a lock
  }
}
