import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeInstanceFile } from './instance-file';

const ID = '3f8e2a64-5b1c-4d7e-9a02-c6d41b7f0e58';

describe('the file with the id of the instance', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'toru-i-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });

  it('[ID-1] has what the database says, whatever was in it', () => {
    writeFileSync(join(dataDir, 'instance-id'), 'of a copied directory');

    expect([writeInstanceFile(dataDir, ID), writeInstanceFile(dataDir, ID)]).toEqual([undefined, undefined]);
    expect(readFileSync(join(dataDir, 'instance-id'), 'utf8')).toBe(`${ID}\n`);
    expect(readdirSync(dataDir)).toEqual(['instance-id']);
  });

  it('keeps no host from starting where it cannot be written', () => {
    expect(writeInstanceFile(join(dataDir, 'nowhere'), ID)).toMatch(/could not be written.*TORU_URL.*ENOENT/);
  });
});
