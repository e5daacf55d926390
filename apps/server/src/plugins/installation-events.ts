import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Catalogue } from './catalogue';
import type { CatalogueDiff, CatalogueEntry } from './catalogue-entry';
import { PluginsReporter } from './plugins-reporter';

/**
 * Tells which plugins came and went while the host ran (OBS-3), so that whoever listens to the stream of events knows at
 * once. What is there when the host starts is no news: nothing is told before the first scan has ended. A new file that is
 * not valid is told of by the catalogue, with the reason, as one is that cannot be used any more.
 */
@Injectable()
export class InstallationEvents implements OnModuleInit {
  private begun = false;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly reporter: PluginsReporter,
  ) {}

  /** Before the supervisor listens: the event of a plugin comes before those of its process. */
  onModuleInit(): void {
    this.catalogue.onChange((changes) => {
      if (this.begun) this.tell(changes);
    });
    this.catalogue.onScanned(() => {
      this.begun ||= this.catalogue.wasRead;
    });
  }

  private tell({ added, changed, removed }: CatalogueDiff): void {
    for (const entry of removed) this.reporter.removed(entry);
    const mended = changed.filter(({ before, after }) => isBroken(before) && !isBroken(after)).map(({ after }) => after);
    for (const entry of [...added, ...mended]) if (entry.kind === 'valid') this.reporter.installed(entry);
  }
}

/** Whether its file cannot be used as it is, whatever goes on in its place. */
function isBroken(entry: CatalogueEntry): boolean {
  return entry.kind === 'invalid' || entry.fileProblem !== undefined;
}
