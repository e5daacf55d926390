import { FormControl, FormRecord } from '@angular/forms';
import type { PluginSettings } from '../../core/api/types';
import type { Draft, Setting } from './setting';
import { settingsOf } from './setting';
import { changesOf, problemOf, toDraft } from './setting-draft';

export type DraftControl = FormControl<Draft>;

/** The fields of one plugin's settings, made anew of what the server tells. */
export class SettingForm {
  readonly settings: readonly Setting[];
  readonly controls: FormRecord<DraftControl>;
  private readonly loaded: Readonly<Record<string, Draft>>;

  constructor({ schema, values }: PluginSettings) {
    this.settings = settingsOf(schema ?? {});
    const drafts = this.settings.map((setting): [string, Draft] => [
      setting.name,
      toDraft(setting, values[setting.name]),
    ]);
    this.loaded = Object.fromEntries(drafts);
    this.controls = new FormRecord(
      Object.fromEntries(
        this.settings.map((setting): [string, DraftControl] => [
          setting.name,
          new FormControl<Draft>(this.loaded[setting.name] ?? null, {
            nonNullable: true,
            validators: ({ value }) => {
              const problem = problemOf(setting, value as Draft);
              return problem === null ? null : { problem };
            },
          }),
        ]),
      ),
    );
  }

  control(name: string): DraftControl {
    const control = this.controls.controls[name];
    if (control === undefined) throw new Error(`There is no setting ${name}.`);
    return control;
  }

  /** What is to be sent. */
  changes(): Record<string, unknown> {
    return changesOf(this.settings, this.controls.getRawValue(), this.loaded);
  }

  /** Back to what was loaded. */
  discard(): void {
    this.controls.reset();
  }

  /** Puts what the server refused at its field, until that field is changed. Gives what belongs to no field. */
  refuse(errors: readonly { path: string; message: string }[]): readonly string[] {
    return errors.flatMap(({ path, message }) => {
      const [name = '', index] = path.split('.');
      const control = this.controls.controls[name];
      if (control === undefined) return [`${path} ${message}.`];
      const problem = index === undefined ? `It ${message}.` : `Entry ${Number(index) + 1} ${message}.`;
      control.setErrors({ problem });
      control.markAsTouched();
      return [];
    });
  }
}
