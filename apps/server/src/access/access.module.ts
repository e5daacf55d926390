import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallerWatch, Clock, CommonModule } from '../common';
import { Configuration } from '../config';
import { DatabaseModule } from '../database';
import { AccessBootstrap } from './access-bootstrap';
import { AccessPolicy } from './access-policy';
import { AccessGuard } from './access.guard';
import { ApiTokenEntity } from './api-token.entity';
import { ApiTokenStore } from './api-token.store';
import { ApiTokensController } from './api-tokens.controller';
import { ApiTokensService } from './api-tokens.service';
import { AuthController } from './auth.controller';
import { AuthenticationService } from './authentication.service';
import { LoginThrottle } from './login-throttle';
import { PasswordHasher } from './password-hasher';
import { SessionStore } from './session.store';
import { SignInService } from './sign-in.service';
import { UserEntity } from './user.entity';
import { UserStore } from './user.store';
import { UsersController } from './users.controller';
import { UsersService } from './users.service';

@Module({
  imports: [CommonModule, DatabaseModule, TypeOrmModule.forFeature([UserEntity, ApiTokenEntity])],
  controllers: [AuthController, ApiTokensController, UsersController],
  providers: [
    UserStore,
    SessionStore,
    ApiTokenStore,
    PasswordHasher,
    {
      provide: LoginThrottle,
      inject: [Clock],
      useFactory: (clock: Clock) => new LoginThrottle(() => clock.monotonic()),
    },
    AuthenticationService,
    {
      provide: CallerWatch,
      inject: [AuthenticationService, Clock],
      useFactory: (authentication: AuthenticationService, clock: Clock) => new CallerWatch(authentication, clock),
    },
    AccessPolicy,
    SignInService,
    UsersService,
    ApiTokensService,
    {
      provide: AccessBootstrap,
      inject: [UserStore, PasswordHasher, Configuration],
      useFactory: (users: UserStore, hasher: PasswordHasher, configuration: Configuration) =>
        AccessBootstrap.run(users, hasher, configuration),
    },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AuthenticationService, AccessPolicy, AccessBootstrap, CallerWatch],
})
export class AccessModule {}
