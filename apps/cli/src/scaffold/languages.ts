import path from 'node:path';

export const LANGUAGE_NAMES = ['ts', 'rust', 'python'] as const;
export type LanguageName = (typeof LANGUAGE_NAMES)[number];

/** Paths of the command and of the host's plugins, as the author would write them in the new folder. */
export interface Places {
  readonly toru: string;
  readonly plugins: string;
}

export interface Language {
  /** The SDK's folder below the assets, and where a plugin of its own has it. */
  readonly sdk: { readonly from: string; readonly to: string };
  /** Build, check, install: what the author types next, in the new folder. */
  readonly next: (id: string, places: Places) => readonly [string, string, string];
}

export const LANGUAGES: Readonly<Record<LanguageName, Language>> = {
  ts: {
    sdk: { from: 'sdk/typescript', to: 'vendor/toru-plugin-sdk' },
    next: (id, { toru, plugins }) => [
      `${toru} build main.ts -o ${id}.binary`,
      `${toru} conformance ./${id}.binary`,
      `install -m 755 ${id}.binary ${plugins}/`,
    ],
  },
  rust: {
    sdk: { from: 'sdk/rust', to: 'vendor/toru-plugin-api' },
    next: (id, { toru, plugins }) => [
      'cargo build --release',
      `${toru} conformance target/release/toru-${id}`,
      `install -m 755 target/release/toru-${id} ${path.join(plugins, `${id}.binary`)}`,
    ],
  },
  python: {
    // beside main.py: found by Python, its tests and editors without any setting
    sdk: { from: 'sdk/python', to: 'toru_plugin' },
    next: (id, { toru, plugins }) => [
      `python3 -m toru_plugin.bundle main.py --include page.bundle.js -o ${id}.binary`,
      `${toru} conformance ./${id}.binary`,
      `install -m 755 ${id}.binary ${plugins}/`,
    ],
  },
};
