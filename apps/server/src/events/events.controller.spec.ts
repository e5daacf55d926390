import { Test } from '@nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import { jest } from '@jest/globals';
import { createValidationPipe, ProblemDetailsFilter } from '../common';
import { EventsController } from './events.controller';
import { EventsService, type EventQuery } from './events.service';

describe('GET /api/events', () => {
  let app: INestApplication;
  const list = jest.fn((query: EventQuery) =>
    Promise.resolve({ items: [], page: query.page, page_size: 1, has_more: false }),
  );

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      controllers: [EventsController],
      providers: [{ provide: EventsService, useValue: { list } }],
    }).compile();
    app = module.createNestApplication();
    app.useGlobalPipes(createValidationPipe());
    app.useGlobalFilters(new ProblemDetailsFilter());
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());
  beforeEach(() => list.mockClear());

  const get = async (query: string): Promise<Response> => fetch(`${await app.getUrl()}/api/events${query}`);

  it('[API-4] asks for the first page unless told otherwise', async () => {
    expect((await get('')).status).toBe(200);
    expect(list).toHaveBeenCalledWith({ page: 1, pageSize: 50 });
  });

  it('[API-4] takes every filter, times in any zone', async () => {
    const query =
      '?page=2&page_size=200&plugin_id=Acme&event_type=crashed&since=2026-11-21T02:00:00%2B02:00&until=2026-11-22T00:00:00.5Z';
    expect((await get(query)).status).toBe(200);
    expect(list).toHaveBeenCalledWith({
      page: 2,
      pageSize: 200,
      pluginId: 'Acme',
      eventType: 'crashed',
      since: '2026-11-21T00:00:00.000Z',
      until: '2026-11-22T00:00:00.500Z',
    });
  });

  it.each([
    '?page=0',
    '?page=x',
    '?page=1.5',
    '?page=1&page=2',
    '?page_size=201',
    '?page_size=',
    '?plugin_id=../x',
    '?plugin_id[a]=b',
    '?event_type=A%00',
    '?since=yesterday',
    '?since=2026-11-21',
    '?since=2026-02-30T00:00:00Z',
    '?since=2026-11-21T24:00:00Z',
    '?until=2026-11-21T00:00:00',
    '?until=2026-11-21T00:00:00%2B25:00',
    '?unknown=1',
  ])('[API-6] refuses %s', async (query) => {
    const response = await get(query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'validation_failed' });
    expect(list).not.toHaveBeenCalled();
  });
});
