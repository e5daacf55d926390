import manifest from '../../../../package.json' with { type: 'json' };

/** The version of the host, from the workspace's package.json. */
export const HOST_VERSION: string = manifest.version;
