import { sameJson } from './json';
import type { Draft, SecretDraft, Setting } from './setting';

export const KEEP: SecretDraft = { action: 'keep' };

/** What the field of a setting shows for a value; undefined where it has none. */
export function toDraft(setting: Setting, value: unknown): Draft {
  switch (setting.kind) {
    case 'secret':
      return KEEP;
    case 'switch':
      return value === true;
    case 'choice':
      return setting.choices.find((choice) => choice === value) ?? null;
    case 'choices':
      return setting.choices.filter((choice) => Array.isArray(value) && value.includes(choice));
    case 'list':
      return Array.isArray(value) ? value.join('\n') : '';
    case 'text':
    case 'multiline':
    case 'number':
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  }
}

/** What a field stands for; undefined where it is left empty. Only for a draft without `problemOf`. */
export function toValue(setting: Setting, draft: Draft): unknown {
  if (isSecret(draft)) return draft.action === 'replace' && draft.text !== '' ? draft.text : undefined;
  switch (setting.kind) {
    case 'list': {
      const items = linesOf(draft);
      return emptyIsNothing(setting, items) ? undefined : setting.number === null ? items : items.map(Number);
    }
    case 'choices':
      return Array.isArray(draft) && emptyIsNothing(setting, draft) ? undefined : draft;
    case 'number':
      return textOf(draft) === '' ? undefined : Number(textOf(draft));
    case 'text':
    case 'multiline':
      // an empty text is a value of its own where it overrides a default
      return draft === '' && (setting.fallback === undefined || !setting.mayBeEmpty) ? undefined : draft;
    case 'switch':
    case 'choice':
    case 'secret':
      return draft ?? undefined;
  }
}

/** Why a draft cannot be sent, as a sentence; null where it can. What this lets through, the server judges. */
export function problemOf(setting: Setting, draft: Draft): string | null {
  if (setting.kind === 'number') return numberProblem(setting, textOf(draft));
  if (setting.kind === 'list' && setting.number !== null) {
    const wrong = linesOf(draft).find((line) => !isNumber(line, setting));
    return wrong === undefined ? null : `“${wrong}” is no ${numberWord(setting)}.`;
  }
  return null;
}

/** What is to be sent: what differs from what was loaded. Null stands for "the default again". */
export function changesOf(
  settings: readonly Setting[],
  drafts: Readonly<Record<string, Draft>>,
  loaded: Readonly<Record<string, Draft>>,
): Record<string, unknown> {
  const changes = settings.flatMap((setting): [string, unknown][] => {
    const draft = drafts[setting.name];
    if (draft === undefined || sameJson(draft, loaded[setting.name])) return [];
    if (isSecret(draft) && draft.action === 'replace' && draft.text === '') return [];
    const value = problemOf(setting, draft) === null ? toValue(setting, draft) : draft;
    return [[setting.name, value === undefined || sameJson(value, setting.fallback) ? null : value]];
  });
  return Object.fromEntries(changes);
}

/** Whether the field shows the default, or nothing where there is none: then there is nothing to reset. */
export function isAtDefault(setting: Setting, draft: Draft): boolean {
  return sameJson(draft, toDraft(setting, setting.fallback));
}

export function isSecret(draft: Draft): draft is SecretDraft {
  return typeof draft === 'object' && draft !== null && 'action' in draft;
}

function emptyIsNothing(setting: Setting, items: readonly unknown[]): boolean {
  return items.length === 0 && setting.fallback === undefined;
}

function textOf(draft: Draft): string {
  return typeof draft === 'string' ? draft.trim() : '';
}

function linesOf(draft: Draft): string[] {
  return textOf(draft)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function numberProblem(setting: Setting, text: string): string | null {
  if (text === '') return null;
  if (!isNumber(text, setting)) return `Enter a ${numberWord(setting)}.`;
  const { minimum, maximum } = setting;
  if (minimum !== null && Number(text) < minimum) return `Enter ${minimum} or more.`;
  return maximum !== null && Number(text) > maximum ? `Enter ${maximum} or less.` : null;
}

function isNumber(text: string, { number }: Setting): boolean {
  const value = Number(text);
  return Number.isFinite(value) && (number !== 'whole' || Number.isInteger(value));
}

function numberWord({ number }: Setting): string {
  return number === 'whole' ? 'whole number' : 'number';
}
