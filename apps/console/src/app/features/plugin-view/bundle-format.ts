import { parse } from 'es-module-lexer/js';

export type BundleFormat = 'module' | 'classic';

/**
 * Whether a bundle must be loaded as an ES module: it has `import`, `export` or `import.meta` as syntax, which text
 * alone cannot tell (they may stand in strings, comments and regular expressions). The lexer is the build without
 * WebAssembly, which the console's content security policy does not allow.
 */
export function bundleFormat(source: string): BundleFormat {
  try {
    const [, , , hasModuleSyntax] = parse(source);
    return hasModuleSyntax ? 'module' : 'classic';
  } catch {
    // Not JavaScript that can be read: the browser says what is wrong with it when it runs the script.
    return 'classic';
  }
}
