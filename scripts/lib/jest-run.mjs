import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runNode } from './run.mjs';

const JEST = 'node_modules/jest/bin/jest.js';
/**
 * ES modules and asynchronous contexts of a spec file stay in a worker when the file has ended, and make all that follow in
 * it slower: one that has grown so large is replaced.
 */
const WORKER_MEMORY = '700MB';
const ESM = { NODE_OPTIONS: '--experimental-vm-modules --no-warnings=ExperimentalWarning' };

/** The spec files of some Jest projects whose path matches one of the patterns (no pattern: all). */
export async function listSpecs(projects, patterns) {
  const args = ['--listTests', '--json', '--selectProjects', ...projects, '--testPathPatterns', ...orAll(patterns)];
  const { status, output } = await runNode(JEST, args, { capture: true, env: ESM });
  const json = output.split('\n').find((line) => line.startsWith('['));
  return status === 0 && json ? JSON.parse(json) : [];
}

/**
 * Runs Jest on some of its projects, so many files at once. Resolves with the counts; a run that breaks off counts as one
 * failure.
 */
export async function runJest(projects, patterns, { workers, env = {} }) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'toru-jest-'));
  const report = path.join(directory, 'report.json');
  try {
    const args = [
      '--json',
      `--outputFile=${report}`,
      `--maxWorkers=${workers}`,
      `--workerIdleMemoryLimit=${WORKER_MEMORY}`,
      '--passWithNoTests',
      '--selectProjects',
    ];
    const { status } = await runNode(JEST, [...args, ...projects, '--testPathPatterns', ...orAll(patterns)], {
      env: { ...ESM, ...env },
    });
    return countsOf(existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined, status);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Adds up a Jest report. A suite that could not run is a failure, and so is a bad exit status with nothing to show. */
export function countsOf(report, status) {
  const passed = report?.numPassedTests ?? 0;
  const failed = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  return { passed, failed: failed === 0 && status !== 0 ? 1 : failed, skipped };
}

export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const each of counts) for (const key of Object.keys(total)) total[key] += each[key];
  return total;
}

/** The plain count that ends every test run. */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

const orAll = (patterns) => (patterns.length > 0 ? patterns : ['.']);
