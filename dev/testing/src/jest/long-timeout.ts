import { jest } from '@jest/globals';

/** Real servers start and stop within these tests: a test hangs only after this. */
jest.setTimeout(60_000);
