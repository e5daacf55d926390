import { FormControl, FormGroup } from '@angular/forms';
import type { HttpLimits, InputError, PathRule } from '../../../core/api/types';
import { LIMITS, PATH_LIMITS, type LimitName, type PathLimitName } from './limit-names';
import { formatQuantity, parseQuantity, quantityHelp, type Unit } from './quantity';

type Field = FormControl<string>;
type Values<Name extends string> = Partial<Record<Name, number>>;

/** The limits of one path, or of some. */
interface RuleForm {
  /** Unique within one form, whatever is added and removed. */
  readonly key: number;
  readonly path: Field;
  readonly limits: ReadonlyMap<PathLimitName, Field>;
}

/** What an administrator sets for a plugin: an empty field leaves it to the plugin and the host. */
export class LimitsForm {
  readonly limits: ReadonlyMap<LimitName, Field>;
  rules: readonly RuleForm[];
  private nextKey = 0;

  constructor(set: HttpLimits) {
    this.limits = fieldsOf(LIMITS, set);
    this.rules = (set.paths ?? []).map((rule) => this.ruleForm(rule));
  }

  addRule(path: string): RuleForm {
    const rule = this.ruleForm({ path });
    this.rules = [...this.rules, rule];
    return rule;
  }

  removeRule(key: number): void {
    this.rules = this.rules.filter((rule) => rule.key !== key);
  }

  clear(): void {
    for (const field of this.limits.values()) field.setValue('');
    this.rules = [];
  }

  /** Whether all can be sent; what cannot says so from then on. */
  check(): boolean {
    const fields = new FormGroup(Object.fromEntries(this.fields().map((field, index) => [String(index), field])));
    fields.markAllAsTouched();
    return fields.valid;
  }

  /** What is to be sent; only after `check`. */
  value(): HttpLimits {
    const paths = this.rules.map((rule): PathRule => ({
      path: rule.path.value.trim(),
      ...valuesOf(PATH_LIMITS, rule.limits),
    }));
    return { ...valuesOf(LIMITS, this.limits), ...(paths.length > 0 && { paths }) };
  }

  /** Puts what the server refused at its field, until that is changed. Gives what belongs to no field. */
  refuse(errors: readonly InputError[]): readonly string[] {
    return errors.flatMap(({ path, message }) => {
      const found = this.find(path);
      if (found === undefined) return [`${path} ${message}.`];
      const [field, unit] = found;
      const counted = unit === 'time' ? ' of milliseconds' : unit === 'size' ? ' of bytes' : '';
      field.setErrors({ problem: `It ${message.replace(' number ', ` number${counted} `)}.` });
      field.markAsTouched();
      return [];
    });
  }

  private find(path: string): readonly [Field, Unit | null] | undefined {
    const [, name = '', index = '', ofRule = ''] = path.split('.');
    if (name !== 'paths') return pick(LIMITS, this.limits, name);
    const rule = this.rules[Number(index)];
    if (rule === undefined || ofRule === 'path') return rule && [rule.path, null];
    return pick(PATH_LIMITS, rule.limits, ofRule);
  }

  private fields(): Field[] {
    return [...this.limits.values(), ...this.rules.flatMap(({ path, limits }) => [path, ...limits.values()])];
  }

  private ruleForm(rule: PathRule): RuleForm {
    this.nextKey += 1;
    const path = new FormControl(rule.path, {
      nonNullable: true,
      validators: ({ value }) =>
        String(value).trim().startsWith('/') ? null : { problem: 'It begins with /, as in /report/*.' },
    });
    return { key: this.nextKey, path, limits: fieldsOf(PATH_LIMITS, rule) };
  }
}

type Named<Name> = readonly { readonly name: Name; readonly unit: Unit }[];

function fieldsOf<Name extends string>(names: Named<Name>, values: Values<Name>): ReadonlyMap<Name, Field> {
  return new Map(
    names.map(({ name, unit }) => {
      const value = values[name];
      const field = new FormControl(value === undefined ? '' : formatQuantity(unit, value), {
        nonNullable: true,
        validators: ({ value: text }) =>
          String(text).trim() === '' || parseQuantity(unit, String(text)) !== null
            ? null
            : { problem: quantityHelp(unit) },
      });
      return [name, field];
    }),
  );
}

function valuesOf<Name extends string>(names: Named<Name>, fields: ReadonlyMap<Name, Field>): Values<Name> {
  const values: Values<Name> = {};
  for (const { name, unit } of names) {
    const value = parseQuantity(unit, fields.get(name)?.value ?? '');
    if (value !== null) values[name] = value;
  }
  return values;
}

function pick<Name extends string>(
  names: Named<Name>,
  fields: ReadonlyMap<Name, Field>,
  asked: string,
): readonly [Field, Unit] | undefined {
  const known = names.find(({ name }) => name === asked);
  const field = known && fields.get(known.name);
  return field && [field, known.unit];
}
