import { statSync } from 'node:fs';
import path from 'node:path';
import { packagesInFiles } from './packages-in-files.mjs';

const READ = 0o444;
const LIST = 0o555;

describe('packages in files', () => {
  it('are read by whoever runs the tests of this checkout, whoever wrote them', () => {
    const files = Object.values(packagesInFiles());
    const modes = files.map((file) => [statSync(path.dirname(file)).mode & LIST, statSync(file).mode & READ]);

    expect(files.length).toBeGreaterThan(0);
    expect(modes).toEqual(files.map(() => [LIST, READ]));
  });
});
