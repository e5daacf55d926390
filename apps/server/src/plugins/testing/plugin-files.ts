import { rmSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a test plugin says about itself; everything required is there unless it is overwritten. */
export function metadataOf(id: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ id, name: `Plugin ${id}`, version: '1.0.0', icon: 'x', route: `/${id}`, ...fields });
}

/** Puts shell scripts into a plugins directory, as plugins that count how often they are asked for their metadata. */
export class PluginFiles {
  constructor(
    readonly directory: string,
    private readonly countFile: string,
  ) {}

  /** @param body what `--metadata` does, as shell commands */
  async script(name: string, body: string): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const temporary = join(this.directory, '.new');
    const text = `#!/bin/sh\necho ${name.replace(/\W/g, '_')} >> ${this.countFile}\n${body}\n`;
    await writeFile(temporary, text, { mode: 0o755 });
    await rename(temporary, join(this.directory, name));
  }

  /** A plugin that prints this text as its metadata. */
  async printing(name: string, text: string): Promise<void> {
    await this.script(name, `cat <<'END_OF_METADATA'\n${text}\nEND_OF_METADATA`);
  }

  remove(name: string): void {
    rmSync(join(this.directory, name));
  }

  /** How often any of them was run. */
  async runs(): Promise<number> {
    const text = await readFile(this.countFile, 'utf8').catch(() => '');
    return text.split('\n').length - 1;
  }
}
