import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LANGUAGE_NAMES, LANGUAGES, type LanguageName } from './languages';
import { scaffoldPlugin } from './scaffold-plugin';

const TEMPLATES = path.resolve(import.meta.dirname, '../../templates');

describe('scaffoldPlugin', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'new-'));
    for (const language of LANGUAGE_NAMES) {
      const sdk = path.join(directory, 'assets', LANGUAGES[language].sdk.from);
      mkdirSync(sdk, { recursive: true });
      writeFileSync(path.join(sdk, 'Cargo.lock'), 'locked {{id}}');
    }
    writeTemplate('common', 'page.js', '{{id}} is {{title}}');
    writeTemplate('ts', 'src/main.ts', '{{title}}');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function writeTemplate(name: string, file: string, text: string): void {
    const target = path.join(directory, 'assets/templates', name, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }

  const scaffold = (
    id: string,
    assets = path.join(directory, 'assets'),
    language: LanguageName = 'ts',
  ): readonly string[] => scaffoldPlugin({ id, language, assets, directory: path.join(directory, 'new') });
  const written = (file: string): string => readFileSync(path.join(directory, 'new', file), 'utf8');

  it('[LANG-3] writes the templates with their placeholders filled, and the SDK as it is', () => {
    expect(scaffold('disk-usage')).toEqual(['page.js', 'src/main.ts']);
    expect(written('page.js')).toBe('disk-usage is Disk Usage');
    expect(written('src/main.ts')).toBe('Disk Usage');
    // where cargo looks for it
    expect(written('Cargo.lock')).toBe('locked {{id}}');
  });

  /** With the templates that there are. */
  function scaffoldReal(language: LanguageName): readonly string[] {
    const assets = path.join(directory, 'real');
    mkdirSync(path.join(assets, LANGUAGES[language].sdk.from), { recursive: true });
    symlinkSync(TEMPLATES, path.join(assets, 'templates'));
    return scaffold('acme', assets, language);
  }

  it.each(LANGUAGE_NAMES)('[LANG-1] [LANG-2] [LANG-3] leaves no placeholder in the template %s', (language) => {
    const files = scaffoldReal(language);

    expect(files).toEqual(expect.arrayContaining(['.gitignore', 'README.md', 'page.bundle.js']));
    for (const file of files) expect(written(file)).not.toContain('{{');
  });

  it.each(LANGUAGE_NAMES)('[SUP-8] writes the version of a plugin in one place alone: %s', (language) => {
    const places = scaffoldReal(language).filter((file) => /["']1\.0\.0["']/.test(written(file)));

    expect(places).toHaveLength(1);
  });

  it.each(['', '-a', 'a_b', 'Acme', 'route', '../up', 'a/b', 'a'.repeat(65)])('[META-1] refuses the id %j', (id) => {
    expect(() => scaffold(id)).toThrow(/cannot be the id of a plugin/);
    expect(existsSync(path.join(directory, 'new'))).toBe(false);
  });

  it('takes an empty folder, and nothing that has something in it or is no folder', () => {
    mkdirSync(path.join(directory, 'new'));
    scaffold('acme');

    expect(() => scaffold('acme')).toThrow(/is there already/);
    rmSync(path.join(directory, 'new'), { recursive: true });
    writeFileSync(path.join(directory, 'new'), 'a file');
    expect(() => scaffold('acme')).toThrow(/is there already/);
    expect(readFileSync(path.join(directory, 'new'), 'utf8')).toBe('a file');
  });
});
