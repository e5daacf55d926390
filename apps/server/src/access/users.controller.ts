import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
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
import { toUser } from './access.mapper';
import { UuidPipe } from './dto/id.pipe';
import { CreateUserDto, UpdateUserDto, UserDto, UserListDto } from './dto/user.dto';
import { UsersService } from './users.service';

@ApiTags('users')
@ApiCookieAuth('session')
@ApiBearerAuth('token')
@Roles('admin')
@Controller('api/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiOperation({ operationId: 'listUsers', summary: 'Everybody who may sign in' })
  @ApiProblems('forbidden')
  @ApiOkResponse({ type: UserListDto })
  async list(): Promise<UserListDto> {
    return { items: (await this.users.list()).map(toUser) };
  }

  @Post()
  @ApiOperation({ operationId: 'createUser', summary: 'Add a user' })
  @ApiProblems('validation_failed', 'forbidden', 'csrf_refused', 'conflict')
  @ApiCreatedResponse({ type: UserDto })
  async create(@Body() body: CreateUserDto): Promise<UserDto> {
    const { username, role, password, must_change_password: mustChangePassword } = body;
    return toUser(await this.users.create(username, { role, password, mustChangePassword }));
  }

  @Patch(':id')
  @ApiOperation({ operationId: 'updateUser', summary: "Change a user's role or password; that user's sessions end" })
  @ApiProblems('validation_failed', 'forbidden', 'csrf_refused', 'not_found', 'conflict')
  @ApiOkResponse({ type: UserDto })
  async update(@Param('id', UuidPipe) id: string, @Body() body: UpdateUserDto): Promise<UserDto> {
    const { role, password, must_change_password: mustChangePassword } = body;
    return toUser(await this.users.update(id, { role, password, mustChangePassword }));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteUser', summary: "Remove a user; that user's sessions end" })
  @ApiProblems('validation_failed', 'forbidden', 'csrf_refused', 'not_found', 'conflict')
  @ApiNoContentResponse()
  async remove(@Param('id', UuidPipe) id: string): Promise<void> {
    await this.users.remove(id);
  }
}
