import { Test } from '@nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import { jest } from '@jest/globals';
import { createValidationPipe, ProblemDetailsFilter } from '../common';
import { LogsService, type LogQuery } from './logs.service';
import { SupervisorLogsController } from './supervisor-logs.controller';

describe('GET /api/logs/supervisor', () => {
  let app: INestApplication;
  const read = jest.fn((query: LogQuery) => Promise.resolve({ items: [], page: query.page, page_size: 1, has_more: false }));

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      controllers: [SupervisorLogsController],
      providers: [{ provide: LogsService, useValue: { read } }],
    }).compile();
    app = module.createNestApplication();
    app.useGlobalPipes(createValidationPipe());
    app.useGlobalFilters(new ProblemDetailsFilter());
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());
  beforeEach(() => read.mockClear());

  const get = async (query: string): Promise<Response> => fetch(`${await app.getUrl()}/api/logs/supervisor${query}`);

  it('[API-3] asks for the first page unless told otherwise', async () => {
    expect((await get('')).status).toBe(200);
    expect(read).toHaveBeenCalledWith({ source: 'supervisor', page: 1, pageSize: 100 });
  });

  it('[API-3] takes every filter', async () => {
    expect((await get('?page=3&page_size=500&level=warn&search=a%20b&plugin_id=acme')).status).toBe(200);
    expect(read).toHaveBeenCalledWith({
      source: 'supervisor',
      page: 3,
      pageSize: 500,
      level: 'warn',
      search: 'a b',
      pluginId: 'acme',
    });
  });

  it.each(['?page=0', '?page=1e99', '?page_size=501', '?level=loud', '?level=warn&level=error', '?search[]=a', '?plugin_id=%2e%2e%2f', '?path=/etc'])(
    '[API-6] refuses %s',
    async (query) => {
      const response = await get(query);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'validation_failed' });
      expect(read).not.toHaveBeenCalled();
    },
  );
});
