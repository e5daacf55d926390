import { Body, Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiProblems, TrustedProxies } from '../common';
import {
  ApiBearerAuth,
  ApiCookieAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Configuration } from '../config';
import { AllowPendingPassword, Public, Roles } from './access-metadata';
import { toCurrentUser, toSignedInUser } from './access.mapper';
import { credentialOf } from './credentials';
import { ChangePasswordDto, CurrentUserDto, LoginRequestDto } from './dto/auth.dto';
import { Caller, type Principal } from './principal';
import { clearedSessionCookie, isSecureUrl, sessionCookie } from './session-cookie';
import { SESSION_LIFETIME_MS } from './session.store';
import { SignInService } from './sign-in.service';

@ApiTags('auth')
@Controller('api/auth')
export class AuthController {
  private readonly secure: boolean;
  private readonly proxies: TrustedProxies;

  constructor(
    private readonly signIn: SignInService,
    configuration: Configuration,
  ) {
    this.secure = isSecureUrl(configuration.publicUrl);
    this.proxies = TrustedProxies.parse(configuration.trustedProxies) ?? TrustedProxies.NONE;
  }

  @Post('login')
  @Public()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'login', summary: 'Sign in; the session comes as a cookie', security: [] })
  @ApiProblems('validation_failed', 'invalid_credentials', 'csrf_refused', 'unsupported_body', 'too_many_requests')
  @ApiOkResponse({ type: CurrentUserDto })
  async login(
    @Body() body: LoginRequestDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CurrentUserDto> {
    const former = credentialOf({ cookie: request.headers.cookie });
    const { user, secret } = await this.signIn.signIn({
      username: body.username,
      password: body.password,
      remoteAddress: this.proxies.of(request).address,
      formerSecret: former.kind === 'session' ? former.secret : undefined,
    });
    this.setSession(response, secret);
    return toSignedInUser(user);
  }

  @Post('logout')
  @Roles('admin', 'viewer')
  @AllowPendingPassword()
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @ApiCookieAuth('session')
  @ApiOperation({ operationId: 'logout', summary: 'End the session' })
  @ApiProblems('forbidden', 'csrf_refused')
  @ApiNoContentResponse()
  async logout(@Caller() principal: Principal, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.signIn.signOut(principal);
    response.append('Set-Cookie', clearedSessionCookie(this.secure));
  }

  @Get('me')
  @AllowPendingPassword()
  @Header('Cache-Control', 'no-store')
  @ApiCookieAuth('session')
  @ApiBearerAuth('token')
  @ApiOperation({ operationId: 'getCurrentUser', summary: 'Who the caller is' })
  @ApiProblems()
  @ApiOkResponse({ type: CurrentUserDto })
  me(@Caller() principal: Principal): CurrentUserDto {
    return toCurrentUser(principal);
  }

  @Post('password')
  @Roles('admin', 'viewer')
  @AllowPendingPassword()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiCookieAuth('session')
  @ApiOperation({ operationId: 'changePassword', summary: "Change one's own password; all other sessions end" })
  @ApiProblems('validation_failed', 'invalid_credentials', 'forbidden', 'csrf_refused', 'too_many_requests')
  @ApiOkResponse({ type: CurrentUserDto })
  async changePassword(
    @Caller() principal: Principal,
    @Body() body: ChangePasswordDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<CurrentUserDto> {
    const { user, secret } = await this.signIn.changePassword(principal, {
      current: body.current_password,
      next: body.new_password,
      remoteAddress: this.proxies.of(request).address,
    });
    this.setSession(response, secret);
    return toSignedInUser(user);
  }

  private setSession(response: Response, secret: string): void {
    response.append('Set-Cookie', sessionCookie(secret, SESSION_LIFETIME_MS / 1000, this.secure));
  }
}
