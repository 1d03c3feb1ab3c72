/**
 * Outlives its starter by some seconds, on purpose: standard input is a pipe that only the
 * starter holds, so its end means that the starter is gone, however it went. Then everything
 * that was registered and still runs is ended, and so is this process.
 *
 * Plain JavaScript, because it is run from the sources as well as from the build.
 * One JSON object a line: {"add": pid, "startTime": "…", "signal": "SIGTERM"}, {"remove": pid} or
 * {"removeAtEnd": "directory"}.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from './process-identity.mjs';

const GRACE_MS = Number(process.argv[2]);
const POLL_MS = 20;

/** @type {Map<number, { startTime: string, signal: NodeJS.Signals }>} */
const registered = new Map();
/** @type {Set<string>} */
const directories = new Set();

// A signal to the terminal's group, or a closed terminal, is the starter's to decide about.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => undefined);

const isAlive = ([pid, { startTime }]) => startTimeOf(pid) === startTime;

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') process.exitCode = 1; // gone in between is what we want
  }
}

async function endAll() {
  let alive = [...registered].filter(isAlive);
  for (const [pid, { signal }] of alive) send(pid, signal);
  const deadline = Date.now() + GRACE_MS;
  while (alive.length > 0 && Date.now() < deadline) {
    await delay(POLL_MS);
    alive = alive.filter(isAlive);
  }
  for (const [pid] of alive) send(pid, 'SIGKILL');
}

for await (const line of createInterface({ input: process.stdin })) {
  const { add, remove, removeAtEnd, startTime, signal } = JSON.parse(line);
  if (add !== undefined) registered.set(add, { startTime, signal });
  registered.delete(remove);
  if (removeAtEnd !== undefined) directories.add(removeAtEnd);
}
await endAll();
for (const directory of directories)
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
