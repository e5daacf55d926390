import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import {
  createFormatter,
  createParser,
  DEFAULT_CONFIG,
  SchemaGenerator,
  type CompletedConfig,
} from 'ts-json-schema-generator';
import ts from 'typescript';

/**
 * `schema/` is generated from the types of the messages: `UPDATE_DOCS=1` with this spec writes it anew. Every file is one
 * message, named as the vectors are.
 */
const MESSAGES = {
  v1: {
    'host-init': 'LifecycleInitMessageV1',
    'host-shutdown': 'LifecycleShutdownMessageV1',
    'host-http': 'HttpRequestMessageV1',
    'host-kv': 'KvRequestMessageV1',
    'host-kv-answer': 'KvAnswerMessageV1',
    'plugin-http': 'HttpResponseMessageV1',
    'plugin-kv-request': 'PluginKvRequestMessageV1',
    'plugin-kv-answer': 'PluginKvAnswerMessageV1',
  },
  v2: {
    'lifecycle-init': 'LifecycleInitMessageV2',
    'lifecycle-ready': 'LifecycleReadyMessageV2',
    'lifecycle-failed': 'LifecycleFailedMessageV2',
    'lifecycle-shutdown': 'LifecycleShutdownMessageV2',
    'lifecycle-settings': 'LifecycleSettingsMessageV2',
    ping: 'PingMessageV2',
    pong: 'PongMessageV2',
    'http-request': 'HttpRequestMessageV2',
    'http-response': 'HttpResponseMessageV2',
    upgrade: 'UpgradeMessageV2',
    data: 'DataMessageV2',
    cancel: 'CancelMessageV2',
    'kv-request': 'KvRequestMessageV2',
    'kv-answer': 'KvAnswerMessageV2',
    log: 'LogMessageV2',
    event: 'EventMessageV2',
  },
} as const;

type Version = keyof typeof MESSAGES;

interface Vector {
  readonly direction: string;
  readonly message: { readonly type: string; readonly action?: string; readonly payload?: object };
}

const contracts = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, contracts), 'utf8');
const namesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, contracts)).filter((n) => n.endsWith('.json'));
const parse = (path: string): unknown => JSON.parse(read(path)) as unknown;

const VERSIONS = Object.keys(MESSAGES) as Version[];
const FILES = VERSIONS.flatMap((version) => Object.keys(MESSAGES[version]).map((name) => [version, name] as const));
const VECTORS = VERSIONS.flatMap((version) => namesIn(`vectors/${version}/`).map((name) => [version, name] as const));

const ajv = new Ajv({ strict: false, allErrors: true });
const verdictOf = (version: Version, name: string, message: unknown): string => {
  const validate =
    ajv.getSchema(`${version}/${name}`) ??
    ajv
      .addSchema(parse(`schema/${version}/${name}.json`) as object, `${version}/${name}`)
      .getSchema(`${version}/${name}`);
  return validate?.(message) === true ? 'valid' : ajv.errorsText(validate?.errors);
};

describe('the JSON Schema of every message', () => {
  const generated = generate();

  it.each(FILES)('%s/%s is what the types say (UPDATE_DOCS=1 writes it anew)', (version, name) => {
    const wanted = generated.get(`${version}/${name}`) ?? '';
    const file = `schema/${version}/${name}.json`;
    if (process.env.UPDATE_DOCS === '1') {
      mkdirSync(new URL(`schema/${version}/`, contracts), { recursive: true });
      writeFileSync(new URL(file, contracts), wanted);
    }

    expect(existsSync(new URL(file, contracts)) ? read(file) : 'no file').toBe(wanted);
  });

  it('has no file beside them', () => {
    const files = VERSIONS.flatMap((version) => namesIn(`schema/${version}/`).map((name) => `${version}/${name}`));

    expect(files.sort()).toEqual(FILES.map(([version, name]) => `${version}/${name}.json`).sort());
  });

  it.each(VECTORS.filter(([, name]) => !name.startsWith('unknown-')))('[PRO-6] holds for %s/%s', (version, file) => {
    const vector = parse(`vectors/${version}/${file}`) as Vector;

    expect(verdictOf(version, schemaOf(version, file, vector), vector.message)).toBe('valid');
  });

  it('[PRO-6] every schema has a vector', () => {
    const named = new Set(
      VECTORS.map(
        ([version, file]) => `${version}/${schemaOf(version, file, parse(`vectors/${version}/${file}`) as Vector)}`,
      ),
    );

    // the host's answer has one form alone, below
    expect(FILES.map(([version, name]) => `${version}/${name}`).filter((name) => !named.has(name))).toEqual([
      'v1/host-kv-answer',
    ]);
  });

  it.each([{ value: '1' }, { value: null, error: { code: 'kv_conflict', message: 'The revision is another one' } }])(
    '[PRO-6] v1/host-kv-answer holds for %j',
    (answer) => {
      const outer = { type: 'kv', timestamp: '2026-01-15T12:00:00Z', request_id: 'r' };
      const message = { ...outer, payload: { type: 'kv', request_id: 'r', ...answer } };

      expect(verdictOf('v1', 'host-kv-answer', message)).toBe('valid');
    },
  );

  it.each([
    ['v2', 'lifecycle-init', { type: 'lifecycle', action: 'init', timestamp: '2026-01-15T12:00:00Z', payload: {} }],
    ['v2', 'http-response', { type: 'http', request_id: 'r', payload: { status: 99, headers: {} } }],
    ['v2', 'http-response', { type: 'http', request_id: 'r', payload: { status: 200, headers: {}, stream: 3 } }],
    ['v2', 'http-request', { type: 'http', request_id: '', payload: { method: 'GET' } }],
    ['v2', 'data', { type: 'data', payload: { stream: 0 } }],
    ['v2', 'data', { type: 'data', payload: { stream: 1, credit: 0 } }],
    ['v2', 'kv-request', { type: 'kv', request_id: 'k', payload: { action: 'set', key: 'k' } }],
    ['v2', 'event', { type: 'event', payload: { name: 'No Such Name' } }],
    ['v2', 'ping', { type: 'ping' }],
    ['v1', 'plugin-http', { type: 'http', request_id: 'r', payload: { status: 'ok' } }],
    ['v1', 'host-http', { type: 'http', timestamp: '2026-01-15T12:00:00Z', request_id: 'r', payload: {} }],
  ] as const)('%s/%s refuses %j', (version, name, message) => {
    expect(verdictOf(version, name, message)).not.toBe('valid');
  });
});

function generate(): Map<string, string> {
  // one program for both, without the types of Node and Jest: the messages are plain types
  const sources = VERSIONS.map((version) => fileURLToPath(new URL(`src/messages-${version}.ts`, contracts)));
  const options = { target: ts.ScriptTarget.ES2023, strict: true, noEmit: true, types: [] };
  const program = ts.createProgram(sources, options);
  const config: CompletedConfig = {
    ...DEFAULT_CONFIG,
    expose: 'export',
    jsDoc: 'extended',
    // fields that the contract does not know are ignored
    additionalProperties: true,
    topRef: false,
    sortProps: false,
  };
  const generator = new SchemaGenerator(program, createParser(program, config), createFormatter(config), config);
  return new Map(
    VERSIONS.flatMap((version) =>
      Object.entries(MESSAGES[version]).map(([name, type]) => {
        const { $schema, definitions, ...schema } = generator.createSchema(type);
        const inUse = Object.keys(definitions ?? {}).length > 0 ? { definitions } : {};
        const text = JSON.stringify({ $schema, title: type, ...schema, ...inUse }, null, 2);
        return [`${version}/${name}`, `${text}\n`] as const;
      }),
    ),
  );
}

/** Which schema a vector belongs to: the version's name for the message, requests and answers told apart as the wire does. */
function schemaOf(version: Version, file: string, { direction, message }: Vector): string {
  const { type, action, payload } = message;
  if (version === 'v1') {
    const names = Object.keys(MESSAGES.v1).sort((a, b) => b.length - a.length);
    const byName = names.find((name) => file.startsWith(name));
    return byName ?? file;
  }
  if (type === 'lifecycle') return `lifecycle-${action ?? ''}`;
  if (type === 'kv') return payload !== undefined && 'action' in payload ? 'kv-request' : 'kv-answer';
  if (type === 'http') return direction === 'host-to-plugin' ? 'http-request' : 'http-response';
  return type;
}
