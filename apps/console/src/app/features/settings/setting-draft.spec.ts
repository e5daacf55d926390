import type { Draft, Setting } from './setting';
import { hintOf, settingsOf } from './setting';
import { changesOf, isAtDefault, problemOf, toDraft, toValue } from './setting-draft';

function setting(property: Record<string, unknown>, required = false): Setting {
  const [one] = settingsOf({ properties: { it: property }, required: required ? ['it'] : [] });
  if (one === undefined) throw new Error('No setting.');
  return one;
}

describe('a setting', () => {
  it.each([
    ['text', { type: 'string' }],
    ['text', { type: 'string', format: 'date' }],
    ['multiline', { type: 'string', format: 'textarea' }],
    ['secret', { type: 'string', format: 'password' }],
    ['secret', { type: 'string', format: 'textarea', writeOnly: true }],
    ['choice', { type: 'string', enum: ['a'] }],
    ['choice', { type: 'integer', enum: [1, 2] }],
    ['number', { type: 'number' }],
    ['number', { type: 'integer' }],
    ['switch', { type: 'boolean' }],
    ['list', { type: 'array', items: { type: 'string' } }],
    ['choices', { type: 'array', items: { type: 'string', enum: ['a'] } }],
  ])('[MGR-5] is a %s for %j', (kind, property) => {
    expect(setting(property).kind).toBe(kind);
  });

  it('[MGR-5] is chosen where a switch must be set and has no default: off is not "not set"', () => {
    expect(setting({ type: 'boolean' }, true)).toMatchObject({ kind: 'choice', choices: [true, false] });
    expect(setting({ type: 'boolean', default: false }, true).kind).toBe('switch');
  });

  it('[MGR-5] says its bounds and its default', () => {
    const size = { type: 'integer', description: 'How many.', minimum: 1, maximum: 9, default: 4 };
    expect(hintOf(setting(size))).toBe('How many. 1 to 9. Default: 4');
    expect(hintOf(setting({ type: 'boolean', default: true }))).toBe('Default: on');
    expect(hintOf(setting({ type: 'string', format: 'password', default: 'x' }))).toBe('');
  });

  it.each<[Record<string, unknown>, unknown, Draft]>([
    [{ type: 'string' }, 'x', 'x'],
    [{ type: 'number' }, 1.5, '1.5'],
    [{ type: 'boolean' }, true, true],
    [{ type: 'integer', enum: [1, 2] }, 2, 2],
    [{ type: 'array', items: { type: 'string' } }, ['a', 'b'], 'a\nb'],
    [{ type: 'array', items: { type: 'number' } }, [1, 2.5], '1\n2.5'],
    [{ type: 'array', items: { type: 'string', enum: ['a', 'b'] } }, ['b'], ['b']],
  ])('[MGR-5] %j keeps %j through its field', (property, value, draft) => {
    expect(toDraft(setting(property), value)).toEqual(draft);
    expect(toValue(setting(property), draft)).toEqual(value);
  });

  it('[MGR-5] takes an empty text for a value only where it overrides a default', () => {
    expect(toValue(setting({ type: 'string' }), '')).toBeUndefined();
    expect(toValue(setting({ type: 'string', default: 'x' }), '')).toBe('');
    expect(toValue(setting({ type: 'string', default: 'x', minLength: 1 }), '')).toBeUndefined();
    expect(toValue(setting({ type: 'string', format: 'date', default: '2026-01-01' }), '')).toBeUndefined();
  });

  it.each([
    [{ type: 'integer' }, '1.5', 'Enter a whole number.'],
    [{ type: 'number' }, 'many', 'Enter a number.'],
    [{ type: 'number', minimum: 2 }, '1', 'Enter 2 or more.'],
    [{ type: 'number', maximum: 2 }, '3', 'Enter 2 or less.'],
    [{ type: 'array', items: { type: 'integer' } }, '1\ntwo', '“two” is no whole number.'],
    [{ type: 'integer', minimum: 1 }, '', null],
    [{ type: 'integer' }, ' 7 ', null],
  ])('[MGR-5] %j with %j: %s', (property, draft, problem) => {
    expect(problemOf(setting(property), draft)).toBe(problem);
  });

  it('[MGR-5] sends what was changed alone, and null for what is the default again', () => {
    const settings = settingsOf({
      properties: {
        same: { type: 'string' },
        size: { type: 'integer', default: 4 },
        name: { type: 'string' },
        kept: { type: 'string', format: 'password' },
        typed: { type: 'string', format: 'password' },
        empty: { type: 'string', format: 'password' },
        gone: { type: 'string', format: 'password' },
      },
    });
    const loaded = Object.fromEntries(settings.map((one) => [one.name, toDraft(one, one.kind === 'number' ? 7 : 'a')]));
    const drafts: Record<string, Draft> = {
      ...loaded,
      ...{ size: '4', name: '' },
      typed: { action: 'replace', text: 'new' },
      empty: { action: 'replace', text: '' },
      gone: { action: 'clear' },
    };
    expect(changesOf(settings, drafts, loaded)).toEqual({ size: null, name: null, typed: 'new', gone: null });
    expect(changesOf(settings, loaded, loaded)).toEqual({});
  });

  it('[MGR-5] has nothing to reset where it shows its default', () => {
    const size = setting({ type: 'integer', default: 4 });
    expect(isAtDefault(size, '4')).toBe(true);
    expect(isAtDefault(size, '5')).toBe(false);
    expect(isAtDefault(setting({ type: 'string' }), '')).toBe(true);
  });
});
