import { jest } from '@jest/globals';

/** Tests that start real servers, on a busy machine even several times, need more than Jest's default of five seconds. */
jest.setTimeout(120_000);
