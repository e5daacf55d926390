import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathOfPython } from './python-path.mjs';

describe('the PATH for Python', () => {
  let directory;
  let environment;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'python-path-'));
    environment = path.join(directory, 'environment');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** Prints who it is, makes environments and notes each. */
  const writePython = ({
    version = '3.11',
    makes = '/bin/mkdir -p "$4/bin" && : > "$4/bin/python3"',
    status = 0,
  } = {}) => {
    const asked = `[ "$1" = -c ] && printf '%s\\n%s\\n' "$0" "${version}" && exit ${status}`;
    const made = `[ "$1 $2 $3" = "-m venv --without-pip" ] && ${makes} && echo "${version}" >> "${directory}/made"`;
    writeFileSync(path.join(directory, 'python3'), `#!/bin/sh\n${asked}\n${made}\n`);
    chmodSync(path.join(directory, 'python3'), 0o755);
  };
  const pathOf = () => pathOfPython(`/nowhere:${directory}`, environment);

  it('begins with an environment of its own, which is made once for each Python', () => {
    writePython();
    expect(pathOf()).toBe(`${environment}/bin:/nowhere:${directory}`);
    expect(pathOf()).toBe(`${environment}/bin:/nowhere:${directory}`);

    writePython({ version: '3.12' });
    expect(pathOf()).toBe(`${environment}/bin:/nowhere:${directory}`);
    expect(readFileSync(path.join(directory, 'made'), 'utf8')).toBe('3.11\n3.12\n');
  });

  it('begins with where the interpreter is, where no environment can be made', () => {
    writePython({ makes: 'false' });

    expect(pathOf()).toBe(`${directory}:/nowhere:${directory}`);
  });

  it('stays as it is where there is no Python, or none that runs', () => {
    expect(pathOf()).toBe(`/nowhere:${directory}`);

    writePython({ status: 1 });
    expect(pathOf()).toBe(`/nowhere:${directory}`);
  });
});
