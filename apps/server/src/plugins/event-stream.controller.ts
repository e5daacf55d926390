import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AccessPolicy, ANY_CALLER } from '../access';
import { ApiProblems, AppError, CallerWatch, Clock, ServerSentEvents } from '../common';
import { EVENT_ID, EventFeed, EventsService, EventStreamQueryDto } from '../events';

/** Streams at one time, of all callers together. */
const MAX_STREAMS = 256;

/** The events of plugins as they happen (API-4). It stands here because a stream has to watch over its caller. */
@ApiTags('events')
@Controller('api/events/stream')
export class EventStreamController {
  private open = 0;

  constructor(
    private readonly events: EventsService,
    private readonly policy: AccessPolicy,
    private readonly callers: CallerWatch,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'streamEvents',
    summary: 'What happens to plugins, as server-sent events',
    description:
      'Each message has the id of the event, and the event as JSON (`PluginEvent`). It ends with the session or token.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The id of the last event that the client has' })
  @ApiOkResponse({
    description: 'The stream',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiProblems('validation_failed', 'too_many_requests', 'storage_unavailable')
  async stream(
    @Query() query: EventStreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { plugin_id, event_type, last_event_id } = query;
    const after = eventId(lastEventId ?? last_event_id);
    if (this.open >= MAX_STREAMS) {
      const retryAfterSeconds = 30;
      throw new AppError('too_many_requests', `${MAX_STREAMS} streams of events are open already.`, { retryAfterSeconds });
    }
    // who has left while it was asked who it is would never close again
    if (response.destroyed) return;
    this.open++;
    const out = new ServerSentEvents(response, this.clock);
    const filter = {
      ...(plugin_id === undefined ? {} : { pluginId: plugin_id }),
      ...(event_type === undefined ? {} : { eventType: event_type }),
    };
    const feed = new EventFeed(this.events, filter, out);
    const stopWatching = this.callers.watch(
      () => this.policy.admit('GET', request.headers, ANY_CALLER),
      () => {
        out.end();
      },
    );
    response.once('close', () => {
      this.open--;
      stopWatching();
      feed.stop();
    });
    // nothing is sent before this: without the database it is refused like any other request
    const latest = await this.events.latestId();
    out.open();
    await feed.begin(after, latest);
  }
}

/** @throws AppError `validation_failed` */
function eventId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (EVENT_ID.test(text)) return Number(text);
  throw new AppError('validation_failed', 'Last-Event-ID must be the id of an event: a whole number.');
}
