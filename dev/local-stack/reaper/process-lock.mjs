/** Plain JavaScript, because the setup uses it before anything is installed or compiled. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startTimeOf } from './process-identity.mjs';

/** Another process, or another part of this one, holds the lock. */
export class LockedError extends Error {
  name = 'LockedError';

  /**
   * @param {string} directory
   * @param {string | undefined} holder
   */
  constructor(directory, holder) {
    const pid = holder === undefined ? undefined : pidOf(holder);
    super(`${directory} is held by ${pid === undefined ? 'another process' : `process ${pid}`}`);
    this.pid = pid;
    this.isOwner = holder?.startsWith('successor') !== true;
  }
}

/**
 * A lock is a directory with an empty file for each process that holds it. One process gets it, because
 * a directory can be moved onto another only if that is empty. The files are named after the processes,
 * so removing an ended holder never removes one that has just taken the lock.
 */
export class ProcessLock {
  #directory;
  #holders;

  /**
   * @param {string} directory
   * @param {string[]} holders
   */
  constructor(directory, holders) {
    this.#directory = directory;
    this.#holders = holders;
  }

  /**
   * @param {string} directory
   * @param {readonly number[]} successors
   */
  static acquire(directory, successors = []) {
    const holders = [
      `owner-${process.pid}-${startOf(process.pid)}`,
      ...successors.map((pid) => `successor-${pid}-${startOf(pid)}`),
    ];
    const ended = holdersIn(directory).filter((holder) => !isAlive(holder));
    remove(directory, ended);
    if (!moveInto(directory, holders))
      throw new LockedError(directory, holdersIn(directory).find(isAlive));
    return new ProcessLock(directory, holders);
  }

  release() {
    remove(this.#directory, this.#holders);
    unless(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => rmdirSync(this.#directory));
  }
}

/** @param {number} pid */
const startOf = (pid) => encodeURIComponent(startTimeOf(pid) ?? 'ended');

/** @param {string} holder */
const pidOf = (holder) => Number(holder.split('-')[1]);

/**
 * The start time tells apart processes that reuse a pid.
 *
 * @param {string} holder
 */
const isAlive = (holder) =>
  startTimeOf(pidOf(holder)) !== undefined && holder.endsWith(`-${startOf(pidOf(holder))}`);

/**
 * @param {string} directory
 * @returns {string[]} the owner first
 */
const holdersIn = (directory) => unless(['ENOENT'], () => readdirSync(directory).sort()) ?? [];

/**
 * @param {string} directory
 * @param {string[]} holders
 */
function remove(directory, holders) {
  for (const holder of holders) rmSync(join(directory, holder), { force: true });
}

/**
 * @param {string} directory
 * @param {string[]} holders
 * @returns {boolean} false if the lock has holders
 */
function moveInto(directory, holders) {
  const draft = `${directory}.${randomUUID()}`;
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  mkdirSync(draft, { mode: 0o700 });
  for (const holder of holders) writeFileSync(join(draft, holder), '');
  const moved = unless(['ENOTEMPTY', 'EEXIST'], () => {
    renameSync(draft, directory);
    return true;
  });
  if (!moved) rmSync(draft, { recursive: true });
  return moved ?? false;
}

/**
 * @template T
 * @param {string[]} codes
 * @param {() => T} action
 * @returns {T | undefined} undefined if the action failed with one of the codes
 */
function unless(codes, action) {
  try {
    return action();
  } catch (error) {
    if (!codes.includes(error.code)) throw error;
    return undefined;
  }
}
