import { TestEnvironment } from 'jest-environment-node';
import { current, replace } from './shared-stack.mjs';

/** Hands the stack that all test files share to each of them; dev/e2e/src/shared-stack.ts has its type. */
export default class StackEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.latchkeySharedStack = { current, replace };
  }
}
