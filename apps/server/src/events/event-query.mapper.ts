import type { EventQueryDto } from './dto/event-query.dto';
import type { EventQuery } from './events.service';

/** A checked query of the REST API, as the service takes it; times in the one form that the store compares. */
export function toEventQuery(dto: EventQueryDto, pluginId?: string): EventQuery {
  return {
    page: dto.page,
    pageSize: dto.page_size,
    ...(pluginId === undefined ? {} : { pluginId }),
    ...(dto.event_type === undefined ? {} : { eventType: dto.event_type }),
    ...(dto.since === undefined ? {} : { since: new Date(dto.since).toISOString() }),
    ...(dto.until === undefined ? {} : { until: new Date(dto.until).toISOString() }),
  };
}
