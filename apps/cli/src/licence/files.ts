import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from '../cli-error';

const FOR_THE_OWNER_ALONE = 0o600;
const OF_OTHERS = 0o077;
const STDIN = 0;

/**
 * A file whose reader is its owner alone; a pipe, such as a password manager's, is one too. Others could have read what they
 * may read already: so that is refused, and not mended.
 */
export function readPrivateFile(file: string): Buffer {
  const descriptor = opened(file);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() && !stat.isFIFO()) throw new UsageError(`${file} is no file`);
    if ((stat.mode & OF_OTHERS) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
      throw new UsageError(`${file} can be read by others than its owner (mode ${mode}): chmod 600 ${file}`);
    }
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** UTF-8 text; `-` is standard input. */
export function readTextFile(file: string): string {
  try {
    const bytes = readFileSync(file === '-' ? STDIN : file);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw new UsageError(`${file} is not text in UTF-8`);
    throw new UsageError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

/** Whole or not at all, with mode 0600. A file that is there stays unless `force`. */
export function writePrivateFile(file: string, text: string, { force = false } = {}): void {
  const target = force ? `${file}.${randomUUID()}.tmp` : file;
  try {
    writeFileSync(target, text, { flag: 'wx', mode: FOR_THE_OWNER_ALONE, flush: true });
    if (force) renameSync(target, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      throw new UsageError(`${file} is there already, and what is in it may be there alone: --force replaces it`);
    }
    if (existsSync(target)) rmSync(target);
    throw new UsageError(`${file} cannot be written: ${reasonOf(error)}`);
  }
}

function opened(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  return codeOf(error) === 'ENOENT' ? 'there is no such file' : String(error);
}
