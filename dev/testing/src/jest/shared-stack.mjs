/**
 * One stack for all end-to-end test files of a process. It lives outside the test files' own contexts,
 * which Jest clears. If the process is killed, the stack's reaper ends the stack.
 */
import { loadLocalStack } from './local-stack.mjs';

/** @typedef {import('@latchkey/local-stack').RunningStackOptions} Options */

/** @type {Promise<import('@latchkey/local-stack').RunningStack> | undefined} */
let running;

/** Starts the stack at the first call. @param {Options} options */
export async function current(options) {
  running ??= start(options);
  return (await running).stack;
}

/** Starts another stack in its place. @param {Options} options */
export async function replace(options) {
  await stop();
  return current(options);
}

export async function stop() {
  const last = running;
  running = undefined;
  // A stack that did not start has nothing to close.
  await last?.then(
    ({ close }) => close(),
    () => undefined,
  );
}

/** @param {Options} options */
async function start(options) {
  try {
    const { startStack } = await loadLocalStack();
    return await startStack(options);
  } catch (error) {
    running = undefined;
    throw error;
  }
}
