import { jest } from '@jest/globals';

/** Tests that start real servers need more than Jest's default of five seconds. */
jest.setTimeout(60_000);
