import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  LICENSE_OUTCOMES,
  LICENSE_SOURCES,
  LICENSE_STATES,
  type ClockState,
  type LicenseFile,
  type LicenseOutcome,
  type LicenseOverview,
  type LicenseSource,
  type LicenseState,
  type LicenseTerms,
  type PluginLicense,
  type PluginLicenseAnswer,
  type PluginLicenseChange,
} from '@toru/contracts';
import { IsString, MaxLength } from 'class-validator';
import { MAX_KEY_CHARACTERS } from '../../licences';

const text = { type: 'string', nullable: true } as const;
const date = { type: 'string', format: 'date', nullable: true } as const;
const time = { type: 'string', format: 'date-time' } as const;
const FORMS: readonly LicenseTerms['form'][] = ['hmac', 'ed25519'];
/** White space around a key, as people paste it, is not counted against it. */
const MAX_BODY_CHARACTERS = 2 * MAX_KEY_CHARACTERS;

@ApiSchema({ name: 'LicenseTerms', description: 'What a key says of itself; the host has no means to verify it' })
export class LicenseTermsDto implements LicenseTerms {
  @ApiProperty({ enum: FORMS })
  form!: 'hmac' | 'ed25519';

  @ApiProperty({ format: 'uuid' })
  instance_id!: string;

  @ApiProperty({ description: 'It was issued for this installation' })
  this_instance!: boolean;

  @ApiProperty({ ...date, description: 'The last day, in UTC; null: it does not expire' })
  expires!: string | null;

  @ApiProperty({ ...text, description: 'The plugin that it was issued for' })
  plugin!: string | null;

  @ApiProperty({ ...text, description: 'The number of the licence' })
  id!: string | null;

  @ApiProperty(text)
  customer!: string | null;

  @ApiProperty(date)
  issued!: string | null;

  @ApiProperty({ ...date, description: 'Versions that were released until then may be used; null: every version' })
  updates_until!: string | null;

  @ApiProperty({ type: [String] })
  features!: readonly string[];
}

@ApiSchema({ name: 'LicenseFile' })
export class LicenseFileDto implements LicenseFile {
  @ApiProperty({ type: 'string', description: 'Its name in the plugins directory' })
  name!: string;

  @ApiProperty({ ...text, description: 'Why it is not used; null: it holds a key' })
  problem!: string | null;
}

@ApiSchema({ name: 'PluginLicense', description: 'The licence of a plugin, as far as its key can be read' })
export class PluginLicenseDto implements PluginLicense {
  @ApiProperty({ type: 'string' })
  plugin!: string;

  @ApiProperty({ description: 'The plugin says that it needs one' })
  required!: boolean;

  @ApiProperty({
    enum: LICENSE_STATES,
    description:
      'Only the plugin itself decides whether a key is good. unreadable: of a form that the host does not know. expiring: it ends within 30 days',
  })
  state!: LicenseState;

  @ApiProperty({ enum: LICENSE_SOURCES, nullable: true, description: 'Where the key comes from; null: there is none' })
  source!: LicenseSource | null;

  @ApiProperty({ ...text, description: 'Its first and last four characters; of a short key none' })
  key!: string | null;

  @ApiProperty({ ...time, nullable: true })
  entered_at!: string | null;

  @ApiProperty({
    type: () => LicenseFileDto,
    nullable: true,
    description: 'The file beside the plugin, if there is one; a key that was entered goes before it',
  })
  file!: LicenseFileDto | null;

  @ApiProperty({ type: () => LicenseTermsDto, nullable: true })
  terms!: LicenseTermsDto | null;

  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, description: 'The last day counts; 0: it has ended' })
  days_left!: number | null;
}

@ApiSchema({ name: 'PluginLicenseAnswer' })
export class PluginLicenseAnswerDto extends PluginLicenseDto implements PluginLicenseAnswer {
  @ApiProperty({
    enum: LICENSE_OUTCOMES,
    description:
      'restart_required: the plugin runs and gets the key at its next start. next_start: it does not run. started: it had refused to run and is started again. update_retried: it runs on, and a version that had refused gets ready beside it. unchanged: it is the key that it had',
  })
  applied!: LicenseOutcome;
}

@ApiSchema({ name: 'PluginLicenseChange' })
export class PluginLicenseChangeDto implements PluginLicenseChange {
  @ApiProperty({
    type: 'string',
    maxLength: MAX_BODY_CHARACTERS,
    writeOnly: true,
    description: `One line of at most ${MAX_KEY_CHARACTERS} printable ASCII characters; white space around it is left out`,
  })
  @IsString()
  @MaxLength(MAX_BODY_CHARACTERS)
  key!: string;
}

@ApiSchema({ name: 'ClockState' })
export class ClockStateDto implements ClockState {
  @ApiProperty({ description: 'The clock shows a time that lies more than an hour before one that was seen already' })
  set_back!: boolean;

  @ApiProperty(time)
  now!: string;

  @ApiProperty(time)
  highest_seen!: string;
}

@ApiSchema({ name: 'LicenseOverview' })
export class LicenseOverviewDto implements LicenseOverview {
  @ApiProperty({ type: () => [PluginLicenseDto], description: 'Of the plugins that have a key or need one' })
  items!: readonly PluginLicenseDto[];

  @ApiProperty({ type: () => ClockStateDto })
  clock!: ClockStateDto;
}
