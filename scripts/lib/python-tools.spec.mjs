import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { pythonTools } from './python-tools.mjs';

/** Does what `python3 -m venv` and `pip install` do to the disk; `pip` ends with the status in the file `status`. */
const FAKE_PYTHON = `#!/bin/sh
here=$(dirname "$FAKE_HOME/x")
echo "$*" >> "$here/calls"
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip "*) cat "$here/said"; exit "$(cat "$here/status")" ;;
  *) echo "3.11 $(cat "$here/version")" ;;
esac
`;

describe('the tools of the Python SDK', () => {
  let home;
  let options;
  let said;

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'python-tools-'));
    for (const [name, content] of [
      ['python', FAKE_PYTHON],
      ['status', '0'],
      ['said', ''],
      ['version', '.7'],
      ['list.txt', 'mypy==1\n'],
    ]) {
      writeFileSync(path.join(home, name), content);
    }
    chmodSync(path.join(home, 'python'), 0o755);
    process.env.FAKE_HOME = home;
    said = [];
    jest.spyOn(console, 'log').mockImplementation((line) => said.push(line));
    options = {
      directory: path.join(home, 'venv'),
      requirements: path.join(home, 'list.txt'),
      python: path.join(home, 'python'),
      required: false,
    };
  });
  afterEach(() => {
    jest.restoreAllMocks();
    delete process.env.FAKE_HOME;
    rmSync(home, { recursive: true, force: true });
  });

  const installs = () => readFileSync(path.join(home, 'calls'), 'utf8').match(/-m pip install/g)?.length ?? 0;
  const failPip = () => {
    writeFileSync(path.join(home, 'status'), '1');
    writeFileSync(path.join(home, 'said'), 'no route to the index\n');
  };

  it('are installed once, and again when their list or Python changes', async () => {
    expect(await pythonTools(options)).toBe(path.join(home, 'venv/bin/python'));
    await pythonTools(options);
    expect(installs()).toBe(1);

    appendFileSync(path.join(home, 'list.txt'), 'hypothesis==1\n');
    await pythonTools(options);
    expect(installs()).toBe(2);

    writeFileSync(path.join(home, 'version'), '.8');
    await pythonTools(options);
    expect(installs()).toBe(3);
  });

  it('are left out, and that is said with the reason, where they cannot be had', async () => {
    failPip();

    expect(await pythonTools(options)).toBeUndefined();
    expect(said.join('\n')).toMatch(/could not be installed.*left out.*no route to the index/s);
  });

  it('are no matter of choice in CI', async () => {
    failPip();

    await expect(pythonTools({ ...options, required: true })).rejects.toMatchObject({ code: 'python_tools_missing' });
    await expect(pythonTools({ ...options, python: 'no-such-python', required: true })).rejects.toThrow(
      'not installed',
    );
  });

  it('count as installed only when all of it has succeeded', async () => {
    failPip();
    await pythonTools(options);
    expect(existsSync(path.join(home, 'venv/bin/python'))).toBe(true);
    writeFileSync(path.join(home, 'status'), '0');

    expect(await pythonTools(options)).toBeDefined();
    expect(installs()).toBe(2);
  });
});
