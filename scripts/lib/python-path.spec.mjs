import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathOfPython } from './python-path.mjs';

describe('the PATH for Python', () => {
  let directory;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'python-path-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const write = (name, content) => {
    writeFileSync(path.join(directory, name), content);
    chmodSync(path.join(directory, name), 0o755);
  };

  it('begins with where the interpreter is that a script starts', () => {
    write('python3', '#!/bin/sh\necho /opt/python/bin\n');

    expect(pathOfPython(`${directory}:/usr/bin`)).toBe(`/opt/python/bin:${directory}:/usr/bin`);
  });

  it('stays as it is where the first is the interpreter', () => {
    write('python3', `#!/bin/sh\necho ${directory}\n`);

    expect(pathOfPython(`/nowhere:${directory}`)).toBe(`/nowhere:${directory}`);
  });

  it('stays as it is where there is none, or none that runs', () => {
    expect(pathOfPython(directory)).toBe(directory);

    write('python3', '#!/bin/sh\necho /opt/python/bin\nexit 1\n');
    expect(pathOfPython(directory)).toBe(directory);
  });
});
