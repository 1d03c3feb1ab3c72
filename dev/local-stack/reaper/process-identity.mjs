import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * The system reuses pids, so only a pid together with a start time identifies a process.
 * On Linux both come from /proc, because slim images have no `ps`.
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
    return undefined; // ps exits with 1 if no process has the pid
  }
}

/** @param {number} pid @param {string} name */
function proc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined; // the process has ended
  }
}

/**
 * An opaque text that tells apart processes that reuse a pid.
 * A zombie counts as ended: it runs nothing and cannot be killed.
 * @param {number} pid
 * @returns {string | undefined} undefined if no process has the pid
 */
export function startTimeOf(pid) {
  if (!hasProc) return ps(pid, 'lstart');
  // The command's name, in parentheses, may itself contain spaces and parentheses.
  const stat = proc(pid, 'stat');
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/**
 * @param {number} pid
 * @returns {string | undefined} the command line; undefined if no process has the pid
 */
export function commandOf(pid) {
  return hasProc ? proc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() : ps(pid, 'command');
}
