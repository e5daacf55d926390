import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LicenceFiles } from './licence-files';

let directory: string;
let files: LicenceFiles;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'toru-lic-'));
  files = new LicenceFiles(directory);
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const put = (name: string, text: string | Buffer, mode = 0o644): void => {
  writeFileSync(join(directory, name), text);
  chmodSync(join(directory, name), mode);
};

describe('LicenceFiles', () => {
  it('[LIC-1] reads a key for each plugin, with or without a line end and a BOM, and tells what changes', async () => {
    put('acme.license', '\ufeffTHE-KEY\r\n');
    put('Upper.license', 'ITS-KEY');
    put('acme.license.bak', 'no');
    put('.license', 'no');
    put('a b.license', 'no');
    expect((await files.refresh()).map(({ plugin }) => plugin)).toEqual(['upper', 'acme']);
    expect(files.of('acme')).toEqual({ name: 'acme.license', key: 'THE-KEY' });
    expect(files.of('upper')).toEqual({ name: 'Upper.license', key: 'ITS-KEY' });
    expect(await files.refresh()).toEqual([]);

    put('new', 'ANOTHER');
    renameSync(join(directory, 'new'), join(directory, 'acme.license'));
    rmSync(join(directory, 'Upper.license'));
    const changes = [...(await files.refresh(1))].sort((a, b) => (a.plugin < b.plugin ? -1 : 1));
    expect(changes).toMatchObject([
      { plugin: 'acme', before: { key: 'THE-KEY' }, after: { name: 'acme.license', key: 'ANOTHER' } },
      { plugin: 'upper', before: { key: 'ITS-KEY' }, after: undefined },
    ]);
  });

  it.each<[string, () => void, string]>([
    ['everybody may write to', () => put('acme.license', 'KEY', 0o602), 'chmod o-w'],
    ['is a link', () => symlinkSync('/etc/hostname', join(directory, 'acme.license')), 'symbolic link'],
    ['is a broken link', () => symlinkSync('nowhere', join(directory, 'acme.license')), 'symbolic link'],
    ['is a FIFO', () => execFileSync('mkfifo', [join(directory, 'acme.license')]), 'no regular file'],
    ['is a directory', () => mkdirSync(join(directory, 'acme.license')), 'no regular file'],
    ['is empty', () => put('acme.license', '\n\n'), 'empty'],
    ['has several lines', () => put('acme.license', 'KEY\nOTHER'), 'several lines'],
    ['is no text', () => put('acme.license', Buffer.from([0x4b, 0xff, 0x00])), 'printable ASCII'],
    ['has more than a key can have', () => put('acme.license', 'K'.repeat(4_097)), 'longer than 4096'],
    ['is too large', () => put('acme.license', ' '.repeat(8_193)), 'larger than 8192'],
  ])('[LIC-1] [ISO-5] refuses a file that %s, at once and with the reason', async (_, make, problem) => {
    make();
    await files.refresh();

    expect(files.of('acme')).toEqual({ name: 'acme.license', problem: expect.stringContaining(problem) });
  });

  it('[LIC-1] warns of a key that everybody may read once for each file and mode, and uses it', async () => {
    const warnings: string[] = [];
    files = new LicenceFiles(directory, (warning) => warnings.push(warning));
    put('acme.license', 'KEY', 0o644);
    put('mine.license', 'KEY', 0o640);
    put('bad.license', 'NOT\nONE', 0o644);
    await files.refresh();
    put('acme.license', 'ANOTHER', 0o644);
    put('new.binary', '');
    await files.refresh();
    expect(files.of('acme')).toMatchObject({ key: 'ANOTHER' });
    expect(warnings).toEqual([expect.stringMatching(/acme\.license .*everybody .*may read: chmod 600/) as string]);

    chmodSync(join(directory, 'acme.license'), 0o604);
    await files.refresh();
    expect(warnings).toHaveLength(2);
    chmodSync(join(directory, 'acme.license'), 0o600);
    await files.refresh();
    expect(warnings).toHaveLength(2);
    chmodSync(join(directory, 'acme.license'), 0o644);
    await files.refresh();
    expect(warnings).toHaveLength(3);
  });

  it('[LIC-1] takes neither of two files for one plugin', async () => {
    put('acme.license', 'ONE');
    put('ACME.license', 'TWO');
    await files.refresh();

    expect(files.of('acme')).toEqual({ name: 'ACME.license', problem: expect.stringContaining('acme.license') });
  });

  it('[LIC-1] sees a changed mode, goes on with what it knows where the directory is gone, and waits for a slow copy', async () => {
    put('acme.license', 'KEY');
    await files.refresh();
    chmodSync(join(directory, 'acme.license'), 0o666);
    expect(await files.refresh()).toMatchObject([{ after: { problem: expect.stringContaining('chmod') } }]);

    chmodSync(join(directory, 'acme.license'), 0o600);
    put('acme.license', 'HALF');
    const look = files.refresh(20);
    put('acme.license', 'HALF-AND-HALF');
    expect(await look).toMatchObject([{ after: { key: 'HALF-AND-HALF' } }]);

    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'a file in its place');
    expect(await files.refresh()).toEqual([]);
    expect(files.of('acme')).toMatchObject({ key: 'HALF-AND-HALF' });
  });
});
