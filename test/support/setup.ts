import { jest } from '@jest/globals';

/** Real processes on a busy machine: long enough that only a hang reaches it. Every wait has a shorter deadline. */
const TEST_TIMEOUT_MS = 60_000;

jest.setTimeout(TEST_TIMEOUT_MS);
