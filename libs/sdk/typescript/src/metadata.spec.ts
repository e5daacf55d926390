import { metadataJson } from './metadata';

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

  it('[META-1] [LANG-3] refuses at once what the host would refuse', () => {
    expect(() => metadataJson({ ...METADATA, id: 'Not an id' })).toThrow(/metadata is not valid: .*id/);
  });
});
