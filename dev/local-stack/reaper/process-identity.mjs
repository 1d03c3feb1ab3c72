import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Pids are reused: only a pid together with its start time names one process.
 * Linux is read from /proc, since slim images have no `ps`.
 */
const hasProc = existsSync('/proc/self/stat');

/** @param {number} pid @param {string} field */
function ps(pid, field) {
  try {
    const options = {
      encoding: /** @type {const} */ ('utf8'),
      stdio: ['ignore', 'pipe', 'ignore'],
    };
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], options).trim() || undefined;
  } catch {
    return undefined; // ps exits with 1 for a pid that is gone
  }
}

/** @param {number} pid @param {string} name */
function proc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined; // gone
  }
}

/**
 * An opaque text that differs between two processes that had the same pid.
 * A zombie counts as gone: it runs nothing and cannot be killed.
 * @param {number} pid
 * @returns {string | undefined} undefined when no such process runs
 */
export function startTimeOf(pid) {
  if (!hasProc) return ps(pid, 'lstart');
  // The command's name is in brackets and may hold anything: count from the last bracket.
  const stat = proc(pid, 'stat');
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/**
 * @param {number} pid
 * @returns {string | undefined} the command line, undefined when no such process runs
 */
export function commandOf(pid) {
  return hasProc ? proc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() : ps(pid, 'command');
}
