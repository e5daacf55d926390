/** So many of them are named. */
const NAMED = 5;

/**
 * Files that one scan could not look into for want of something of the host's own. They stay what they were, and are
 * tried again (faults 15).
 */
export class PostponedFiles {
  private readonly files: string[] = [];
  private lack: string | undefined;

  get isEmpty(): boolean {
    return this.files.length === 0;
  }

  /**
   * @param file fit to be shown
   * @param lack what is missing, as a clause
   */
  add(file: string, lack: string): void {
    this.files.push(file);
    this.lack ??= lack;
  }

  /** For the operator, in one sentence; undefined where there are none. The `key` is the same while the same is missing. */
  get notice(): { readonly key: string; readonly text: string } | undefined {
    if (this.lack === undefined) return undefined;
    const more = this.files.length > NAMED ? ` and ${this.files.length - NAMED} more` : '';
    const names = [...this.files].sort().slice(0, NAMED).join(', ') + more;
    const text = `The host cannot look into ${names} now: ${this.lack}. Nothing changes for these files, they are tried again by themselves.`;
    return { key: this.lack, text };
  }
}
