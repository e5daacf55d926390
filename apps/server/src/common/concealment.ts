/** Fewer characters may well be a part of a common word. */
const MIN_CHARACTERS = 8;
/** Secrets of one owner; the oldest is forgotten. */
const MAX_SECRETS = 16;
const INSTEAD = '[redacted]';

/** Strikes secrets that were handed to somebody out of what that somebody says (faults 18). Owners are compared without case. */
export class Concealment {
  private readonly secrets = new Map<string, readonly string[]>();

  /** From now on; what was said before stays as it is. */
  add(owner: string, secret: string): void {
    if (secret.length < MIN_CHARACTERS) return;
    const known = this.secrets.get(owner.toLowerCase()) ?? [];
    // some write JSON with escaped slashes
    const forms = [...new Set([secret, secret.replaceAll('/', '\\/')])];
    const others = known.filter((each) => !forms.includes(each));
    this.secrets.set(owner.toLowerCase(), [...forms, ...others].slice(0, MAX_SECRETS));
  }

  in(owner: string, text: string): string {
    const secrets = this.secrets.get(owner.toLowerCase());
    if (secrets === undefined) return text;
    return secrets.reduce((rest, secret) => (rest.includes(secret) ? rest.replaceAll(secret, INSTEAD) : rest), text);
  }

  /** The same for a value of JSON. */
  inValue<T>(owner: string, value: T): T {
    if (!this.secrets.has(owner.toLowerCase())) return value;
    const text: unknown = JSON.stringify(value);
    if (typeof text !== 'string') return value;
    const clean = this.in(owner, text);
    return clean === text ? value : (JSON.parse(clean) as T);
  }
}
