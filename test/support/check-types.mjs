// node check-types.mjs: checks the TypeScript project of the current folder as `tsc` does, its declaration files included.
// Unlike with `--skipLibCheck false` those of TypeScript and of the packages are only read, which saves half of the time.
import { createRequire } from 'node:module';
import path from 'node:path';

const ts = createRequire(import.meta.url)('typescript');
const folder = process.cwd();
const typeRoots = [path.resolve(import.meta.dirname, '../../node_modules/@types')];
const { config, error } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, folder, {
  skipLibCheck: false,
  typeRoots,
});
const program = ts.createProgram(fileNames, options);
const own = program.getSourceFiles().filter(({ fileName }) => !path.relative(folder, fileName).startsWith('..'));
const diagnostics = [
  ...(error ? [error] : []),
  ...errors,
  ...program.getOptionsDiagnostics(),
  ...program.getGlobalDiagnostics(),
  ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
];
console.log(
  ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  }),
);
if (own.length === 0 || diagnostics.length > 0) process.exitCode = 1;
