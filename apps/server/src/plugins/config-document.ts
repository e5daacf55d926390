import type { EnabledStateProblem } from './enabled-state.port';

/**
 * The content of `.metadata/config.json`: `{"plugins": {"<id>": true}}` (LIF-3). Only what is known is read out of it;
 * the parsed document itself is kept, so that unknown keys survive a write.
 */
export interface ConfigDocument {
  /** Exactly what was parsed. */
  readonly root: Readonly<Record<string, unknown>>;
  /** Ids in lower case, and whether each is recorded as enabled. */
  readonly plugins: ReadonlyMap<string, boolean>;
  /** Entries that are not understood; each counts as not enabled. */
  readonly problems: readonly EnabledStateProblem[];
}

export const EMPTY_DOCUMENT: ConfigDocument = { root: {}, plugins: new Map(), problems: [] };

/** The file is no usable document; the message says in what way. */
export class CorruptConfigError extends Error {
  override readonly name = 'CorruptConfigError';
}

/** @throws CorruptConfigError when it is not a JSON object of the known shape. */
export function parseConfig(bytes: Uint8Array): ConfigDocument {
  let root: unknown;
  try {
    // the decoder takes away a byte order mark, which editors leave behind
    root = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const how = error instanceof SyntaxError ? 'it is not valid JSON' : 'it is not valid UTF-8';
    throw new CorruptConfigError(bytes.length === 0 ? 'it is empty' : how, { cause: error });
  }
  if (!isObject(root)) throw new CorruptConfigError('it is not a JSON object');
  const section = ownValue(root, 'plugins');
  if (section !== undefined && !isObject(section)) throw new CorruptConfigError('its "plugins" is not a JSON object');
  return { root, ...readPlugins(section ?? {}) };
}

function readPlugins(section: Record<string, unknown>): Pick<ConfigDocument, 'plugins' | 'problems'> {
  const plugins = new Map<string, boolean>();
  const problems: EnabledStateProblem[] = [];
  for (const [key, value] of Object.entries(section)) {
    const id = key.toLowerCase();
    const known = plugins.get(id);
    if (typeof value !== 'boolean') {
      problems.push({ plugin: key, detail: 'Its entry in config.json is neither true nor false: it is not enabled.' });
      plugins.set(id, false);
    } else if (known !== undefined && known !== value) {
      problems.push({ plugin: key, detail: 'Its entries in config.json contradict each other: it is not enabled.' });
      plugins.set(id, false);
    } else {
      plugins.set(id, value);
    }
  }
  return { plugins, problems };
}

/** The text of the document with one plugin recorded anew and everything else as it was. Ids keep their spelling. */
export function withPlugin(document: ConfigDocument, id: string, enabled: boolean): string {
  const section = ownValue(document.root, 'plugins');
  const plugins = new Map(isObject(section) ? Object.entries(section) : []);
  const spellings = [...plugins.keys()].filter((key) => key.toLowerCase() === id.toLowerCase());
  for (const key of spellings.length === 0 ? [id] : spellings) plugins.set(key, enabled);
  const root = new Map(Object.entries(document.root));
  root.set('plugins', objectOf(plugins));
  return `${JSON.stringify(objectOf(root), null, 2)}\n`;
}

/** An object with exactly these properties of its own, whatever their names (`__proto__` too). */
function objectOf(entries: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(entries);
}

function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
