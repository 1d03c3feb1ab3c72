/**
 * One stack for all end-to-end test files of a process. It lives outside the test files' own contexts,
 * which Jest clears. If the process is killed, the stack's reaper ends the stack.
 */
import { loadLocalStack } from './local-stack.mjs';

/** @typedef {import('@latchkey/local-stack').StackOptions} StackOptions */
/** @typedef {Omit<StackOptions, 'processes' | 'stateDirectory' | 'preferredPorts'>} Options */

/** @type {Promise<{ stack: import('@latchkey/local-stack').LatchkeyStack, close(): Promise<void> }> | undefined} */
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
  const { LatchkeyStack, ProcessGroup, temporaryDirectory } = await loadLocalStack();
  const processes = new ProcessGroup();
  try {
    const stack = await LatchkeyStack.start({
      ...options,
      processes,
      stateDirectory: temporaryDirectory(processes),
      preferredPorts: false,
    });
    return { stack, close: () => processes.close() };
  } catch (error) {
    running = undefined;
    await processes.close();
    throw error;
  }
}
