import { metadataJson } from './metadata';
import { EXIT_CONFIG } from './plugin-errors';
import type { PluginDefinition } from './plugin-definition';
import { servePlugin, type ServeOptions } from './serve-plugin';

export interface Plugin {
  /**
   * The program: prints the metadata where the arguments hold `--metadata`, else serves the host on the socket
   * TORU_PLUGIN_SOCKET. Ends the process.
   */
  run(): void;
  /** Serves in this process, for tests. Resolves with the status that the program would end with. */
  serve(socketPath: string, options?: ServeOptions): Promise<number>;
  /** What `--metadata` prints. Throws `ConfigError` for metadata that the host would refuse. */
  metadataJson(): string;
}

export function definePlugin(definition: PluginDefinition): Plugin {
  const plugin: Plugin = {
    run: () => void end(plugin),
    serve: (socketPath, options) => servePlugin(definition, socketPath, options),
    metadataJson: () => metadataJson(definition.metadata),
  };
  return plugin;
}

async function end(plugin: Plugin): Promise<never> {
  return process.exit(await statusOf(plugin));
}

async function statusOf(plugin: Plugin): Promise<number> {
  let metadata: string;
  try {
    metadata = plugin.metadataJson();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return EXIT_CONFIG;
  }
  if (process.argv.includes('--metadata')) {
    console.log(metadata);
    return 0;
  }
  const socketPath = process.env['TORU_PLUGIN_SOCKET'];
  if (!socketPath) {
    console.error('This is a plugin for Toru Steering Center, which starts it. By hand: --metadata.');
    return EXIT_CONFIG;
  }
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  try {
    return await plugin.serve(socketPath, { signal: stop.signal });
  } catch (error) {
    console.error(error);
    return 1;
  }
}
