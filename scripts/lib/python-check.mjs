import { inRoot } from './paths.mjs';
import { pythonTools } from './python-tools.mjs';
import { say, ScriptError } from './report.mjs';
import { run } from './run.mjs';

/** The strict types of the Python SDK and of the examples that are made with it, as its pyproject.toml has them. */
export async function checkPythonTypes() {
  const python = await pythonTools();
  if (!python) {
    say('The types of the Python SDK are not checked.');
    return;
  }
  const cwd = inRoot('libs/sdk/python');
  const cache = inRoot('.cache/mypy');
  const examples = ['hello-python-sdk/hello_python_sdk.py', 'licensed-python/licensed_python.py'];
  for (const checked of [[], ...examples.map((file) => [inRoot('examples', file)])]) {
    const { status } = await run(python, ['-m', 'mypy', '--cache-dir', cache, ...checked], { cwd });
    if (status !== 0) throw new ScriptError('types_failed', 'mypy found errors; they are above.');
  }
}
