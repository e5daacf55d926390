import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { ApiProblems } from '../common';
import {
  ApiBearerAuth,
  ApiCookieAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Roles } from './access-metadata';
import { toApiToken, toCreatedApiToken } from './access.mapper';
import { ApiTokensService } from './api-tokens.service';
import { ApiTokenListDto, CreateApiTokenDto, CreatedApiTokenDto } from './dto/api-token.dto';
import { UuidPipe } from './dto/id.pipe';
import { Caller, type Principal } from './principal';

@ApiTags('auth')
@ApiCookieAuth('session')
@ApiBearerAuth('token')
@Roles('admin')
@Controller('api/auth/tokens')
export class ApiTokensController {
  constructor(private readonly tokens: ApiTokensService) {}

  @Get()
  @ApiOperation({ operationId: 'listApiTokens', summary: 'All API tokens, newest first, without their secrets' })
  @ApiProblems('forbidden')
  @ApiOkResponse({ type: ApiTokenListDto })
  async list(): Promise<ApiTokenListDto> {
    return { items: (await this.tokens.list()).map(toApiToken) };
  }

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'createApiToken', summary: 'Make an API token; its secret is in this answer alone' })
  @ApiProblems('validation_failed', 'forbidden', 'csrf_refused')
  @ApiCreatedResponse({ type: CreatedApiTokenDto })
  async create(@Body() body: CreateApiTokenDto, @Caller() principal: Principal): Promise<CreatedApiTokenDto> {
    const { entity, token } = await this.tokens.create(
      { name: body.name, role: body.role, expiresAt: body.expires_at ?? null },
      principal,
    );
    return toCreatedApiToken(entity, token);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'revokeApiToken', summary: 'Revoke an API token; it is refused at once' })
  @ApiProblems('validation_failed', 'forbidden', 'csrf_refused', 'not_found')
  @ApiNoContentResponse()
  async revoke(@Param('id', UuidPipe) id: string): Promise<void> {
    await this.tokens.revoke(id);
  }
}
