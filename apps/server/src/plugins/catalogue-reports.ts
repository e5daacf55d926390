import type { CatalogueEntry } from './catalogue-entry';
import type { Conflict } from './conflicts';
import type { DirectoryProblem } from './discovery';
import type { PostponedFiles } from './postponed-files';

/** Told of what an operator should know; each thing once, when it comes up. */
export interface CatalogueReporter {
  invalid(entry: { readonly id: string; readonly file: string; readonly reason: string }): void;
  conflict(conflict: Conflict): void;
  /** The directory, or the cache, cannot be used. */
  problem(detail: string): void;
}

/** Tells the reporter what is wrong in the catalogue: the same once, and again only after it was over. */
export class CatalogueReports {
  private readonly ofDirectory = new Set<string>();
  private readonly ofHost = new Set<string>();
  private readonly ofFiles = new Set<string>();

  constructor(private readonly reporter: CatalogueReporter) {}

  /** @param problem undefined: the directory can be read */
  directory(problem: DirectoryProblem | undefined): void {
    if (problem === undefined) this.ofDirectory.clear();
    else this.once(this.ofDirectory, problem.detail, (reporter) => reporter.problem(problem.detail));
  }

  postponed({ notice }: PostponedFiles): void {
    if (notice === undefined) this.ofHost.clear();
    else this.once(this.ofHost, notice.key, (reporter) => reporter.problem(notice.text));
  }

  files(entries: Iterable<CatalogueEntry>, conflicts: readonly Conflict[]): void {
    const current = new Set<string>();
    for (const conflict of conflicts) {
      const key = `conflict\n${Object.values(conflict).join('\n')}`;
      current.add(key);
      this.once(this.ofFiles, key, (reporter) => reporter.conflict(conflict));
    }
    for (const entry of entries) {
      const { id, file } = entry;
      const reason = entry.kind === 'invalid' ? entry.reason : goesOn(entry.fileProblem);
      if (reason === undefined) continue;
      const key = `invalid\n${file}\n${reason}`;
      current.add(key);
      this.once(this.ofFiles, key, (reporter) => reporter.invalid({ id, file, reason }));
    }
    for (const key of this.ofFiles) if (!current.has(key)) this.ofFiles.delete(key);
  }

  private once(told: Set<string>, key: string, tell: (reporter: CatalogueReporter) => void): void {
    if (told.has(key)) return;
    told.add(key);
    tell(this.reporter);
  }
}

function goesOn(problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${problem}; the version before goes on`;
}
