import path from 'node:path';
import ts from 'typescript';
import { inRoot } from './paths.mjs';

/**
 * One `.d.ts` text of everything that a module exports, and of what those types need. `typescript` writes the declarations
 * of each file; here those that can be reached from the exports are put one after the other.
 *
 * Throws where a declaration cannot be written, and where two types of different files have the same name.
 */
export function declarationsOf(entry) {
  const files = emittedDeclarations(entry);
  const program = ts.createProgram([emittedName(entry)], compilerOptions({ noEmit: true }), hostOf(files));
  return new Collector(program, files).collect(emittedName(entry));
}

const emittedName = (file) => file.replace(/\.ts$/, '.d.ts');

function compilerOptions(more) {
  const { config } = ts.readConfigFile(inRoot('tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, inRoot('.'));
  return { ...options, sourceMap: false, types: ['node'], stripInternal: true, ...more };
}

/** The declarations of the module and of all that it imports, by the path beside their source. */
function emittedDeclarations(entry) {
  const options = compilerOptions({ noEmit: false, declaration: true, emitDeclarationOnly: true });
  const program = ts.createProgram([entry], options);
  const files = new Map();
  const { diagnostics } = program.emit(undefined, (name, text) => files.set(path.resolve(name), text));
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, FORMAT));
  return files;
}

const FORMAT = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => inRoot('.'),
  getNewLine: () => '\n',
};

/** Shows the compiler the declarations in the place of the sources. */
function hostOf(files) {
  const host = ts.createCompilerHost(compilerOptions({}));
  const source = (name) => files.has(emittedName(name)) && !name.endsWith('.d.ts');
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || (!source(name) && fileExists.call(host, name));
  host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, languageVersion, ...rest) =>
    files.has(name)
      ? ts.createSourceFile(name, files.get(name), languageVersion, true)
      : getSourceFile.call(host, name, languageVersion, ...rest);
  return host;
}

class Collector {
  #statements = new Map();
  #imports = new Map();
  #names = new Map();

  constructor(program, files) {
    this.checker = program.getTypeChecker();
    this.program = program;
    this.files = files;
  }

  collect(entry) {
    const exported = this.checker.getExportsOfModule(
      this.checker.getSymbolAtLocation(this.program.getSourceFile(entry)),
    );
    const names = exported.map((symbol) => {
      const own = this.resolved(symbol);
      this.add(own);
      return own.name === symbol.name ? symbol.name : `${own.name} as ${symbol.name}`;
    });
    const imports = [...this.#imports.values()].sort();
    return `${[...imports, ...this.#statements.values(), `export { ${names.sort().join(', ')} };`].join('\n')}\n`;
  }

  resolved(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** Puts the statements that declare a symbol, and then all that they name. */
  add(symbol) {
    for (const declaration of symbol.declarations ?? []) {
      const statement = topLevelStatement(declaration);
      if (statement === undefined || !this.files.has(declaration.getSourceFile().fileName)) continue;
      if (this.#statements.has(statement)) continue;
      const other = this.#names.get(symbol.name);
      if (other !== undefined && other !== symbol) throw new Error(`Two types are named ${symbol.name}`);
      this.#names.set(symbol.name, symbol);
      this.#statements.set(statement, '');
      this.#statements.set(statement, this.textOf(statement));
    }
  }

  /** A statement as it stands, without its `export`, and with `import('…').Name` as Name. */
  textOf(statement) {
    const file = statement.getSourceFile();
    const cuts = [];
    const visit = (node) => {
      if (ts.isImportTypeNode(node)) {
        this.add(this.resolved(this.checker.getSymbolAtLocation(node.qualifier)));
        cuts.push([node.getStart(file), node.qualifier.getStart(file)]);
      } else if (ts.isIdentifier(node)) this.need(node);
      ts.forEachChild(node, visit);
    };
    for (const modifier of statement.modifiers ?? []) {
      if (modifier.kind === ts.SyntaxKind.ExportKeyword) cuts.push([modifier.getStart(file), modifier.getEnd() + 1]);
    }
    ts.forEachChild(statement, visit);
    const isDeclared = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    const start = statement.getStart(file, true);
    let text = file.text.slice(start, statement.getEnd());
    for (const [from, to] of cuts.sort(([a], [b]) => b - a))
      text = text.slice(0, from - start) + text.slice(to - start);
    if (!isDeclared && !/^(\/\*\*[\s\S]*?\*\/\s*)?declare /.test(text)) throw new Error(`What is this?\n${text}`);
    return text;
  }

  /** What an identifier stands for, if it is declared in one of the files or imported from a module of Node. */
  need(identifier) {
    const symbol = this.checker.getSymbolAtLocation(identifier);
    if (symbol === undefined) return;
    const specifier = symbol.declarations?.find((each) => ts.isImportSpecifier(each));
    const module = specifier?.parent.parent.parent.moduleSpecifier.text;
    if (module?.startsWith('node:'))
      this.#imports.set(identifier.text, `import type { ${identifier.text} } from '${module}';`);
    else this.add(this.resolved(symbol));
  }
}

/** The statement of a file that a declaration is; undefined for a member or a parameter. */
function topLevelStatement(declaration) {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return ts.isSourceFile(statement.parent) && !ts.isImportDeclaration(statement) ? statement : undefined;
}
