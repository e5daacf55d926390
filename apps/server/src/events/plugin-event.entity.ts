import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A row of `plugin_events` as it stands in the database (OBS-3). */
@Entity('plugin_events')
export class PluginEventEntity {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ name: 'plugin_id', type: 'varchar', length: 64 })
  pluginId!: string;

  @Column({ name: 'event_type', type: 'varchar', length: 64 })
  eventType!: string;

  /** RFC 3339 in UTC, always of the same width, so that it sorts as text. */
  @Column({ type: 'varchar', length: 24 })
  timestamp!: string;

  /** A JSON object. */
  @Column({ type: 'text' })
  details!: string;
}
