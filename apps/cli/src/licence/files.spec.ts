import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPrivateFile, readTextFile, writePrivateFile } from './files';

describe('files of secrets', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'toru-f-'));
    file = path.join(directory, 'secret');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it.each([0o640, 0o604, 0o620, 0o610, 0o666])('[LIC-4] are refused where others have rights (%o)', (mode) => {
    writeFileSync(file, 'x');
    chmodSync(file, mode);

    expect(() => readPrivateFile(file)).toThrow(
      `${file} can be read by others than its owner (mode 0${mode.toString(8)})`,
    );
  });

  it.each([0o600, 0o400])('[LIC-4] are read where nobody else has any (%o)', (mode) => {
    writeFileSync(file, 'x');
    chmodSync(file, mode);

    expect(readPrivateFile(file).toString()).toBe('x');
  });

  it('are no directories', () => {
    mkdirSync(file, { mode: 0o700 });

    expect(() => readPrivateFile(file)).toThrow(`${file} is no file`);
  });

  it('[LIC-4] are written with mode 0600, once, and again only by force', () => {
    writePrivateFile(file, 'first');
    expect(() => writePrivateFile(file, 'second')).toThrow('--force replaces it');
    expect(readFileSync(file, 'utf8')).toBe('first');
    chmodSync(file, 0o644);
    writePrivateFile(file, 'third', { force: true });

    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['third', 0o600]);
    expect(() => writePrivateFile(path.join(file, 'x'), '', { force: true })).toThrow('cannot be written');
    expect(readdirSync(directory)).toEqual(['secret']);
  });

  it('are UTF-8 where they are text', () => {
    writeFileSync(file, Buffer.of(0x61, 0xff));

    expect(() => readTextFile(file)).toThrow(`${file} is not text in UTF-8`);
  });
});
