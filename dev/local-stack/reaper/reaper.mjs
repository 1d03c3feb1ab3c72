/**
 * Ends the processes of a starter that has ended. Only the starter holds the other end of standard
 * input, so the pipe closes however the starter ends. The reaper then ends every registered process
 * that still runs, and itself.
 *
 * Standard input carries one JSON object per line:
 * {"add": pid, "startTime": "…", "signal": "SIGTERM", "group": true}, {"remove": pid} or
 * {"removeAtEnd": "directory"}. With "group", pid leads a process group, and all of it is ended.
 * Plain JavaScript, because it runs from the sources as well as from the build.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from './process-identity.mjs';

const GRACE_MS = Number(process.argv[2]);
const POLL_MS = 20;

/** @type {Map<number, { startTime: string, signal: NodeJS.Signals, group?: boolean }>} */
const registered = new Map();
/** @type {Set<string>} */
const directories = new Set();

// The starter decides what a signal to the terminal's process group means; the reaper ignores it.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => undefined);

const isAlive = ([pid, { startTime }]) => startTimeOf(pid) === startTime;

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') process.exitCode = 1; // ESRCH: it has ended meanwhile
  }
}

async function endAll() {
  let alive = [...registered].filter(isAlive);
  // The members of a group may outlive its leader, so groups are killed at the end in any case.
  const groups = alive.filter(([, { group }]) => group);
  for (const [pid, { signal, group }] of alive) send(group ? -pid : pid, signal);
  const deadline = Date.now() + GRACE_MS;
  while (alive.length > 0 && Date.now() < deadline) {
    await delay(POLL_MS);
    alive = alive.filter(isAlive);
  }
  for (const [pid] of alive) send(pid, 'SIGKILL');
  for (const [pid] of groups) send(-pid, 'SIGKILL');
}

for await (const line of createInterface({ input: process.stdin })) {
  const { add, remove, removeAtEnd, startTime, signal, group } = JSON.parse(line);
  if (add !== undefined) registered.set(add, { startTime, signal, group });
  registered.delete(remove);
  if (removeAtEnd !== undefined) directories.add(removeAtEnd);
}
await endAll();
for (const directory of directories)
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
