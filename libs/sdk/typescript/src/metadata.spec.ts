import { readFileSync } from 'node:fs';
import { parseMetadata } from '@toru/protocol';
import { metadataJson, type Metadata } from './metadata';

const METADATA = { id: 'acme', name: 'Acme', version: '1.0.0', icon: 'A', route: '/acme' };

describe('metadataJson', () => {
  it('[META-1] [LANG-3] prints what the host reads, with protocol 2', () => {
    const text = metadataJson({
      ...METADATA,
      license: 'required',
      publicPaths: ['/hook/*'],
      settingsSchema: { type: 'object' },
    });

    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toEqual({
      ...METADATA,
      protocol: 2,
      license: 'required',
      public_paths: ['/hook/*'],
      settings_schema: { type: 'object' },
    });
  });

  it('[META-1] [LANG-3] says what is enough for the plugin, and how it would have its requests treated', () => {
    const vector = JSON.parse(readFileSync('libs/contracts/vectors/metadata/limits.json', 'utf8')) as Metadata;
    const { limits, http } = vector;
    const parsed = parseMetadata(Buffer.from(metadataJson({ ...METADATA, version: '1.2.0', limits, http })));
    expect(parsed).toMatchObject({ ok: true, metadata: vector });
    expect(() => metadataJson({ ...METADATA, limits: { memory_bytes: 0 } })).toThrow(/limits\.memory_bytes/);
    expect(() => metadataJson({ ...METADATA, http: { queue: -1 } })).toThrow(/http\.queue/);
  });

  it('[META-1] [LANG-3] refuses at once what the host would refuse', () => {
    expect(() => metadataJson({ ...METADATA, id: 'Not an id' })).toThrow(/metadata is not valid: .*id/);
  });
});
